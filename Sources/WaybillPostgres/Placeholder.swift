import CPostgres
import WaybillPorts
