import Testing
import WaybillPorts
