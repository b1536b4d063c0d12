import CCurl
import WaybillPorts
