import Testing
import WaybillCore

@Suite struct NetworkAdviceTests {
    private typealias Fixture = AdviceFixture

    private func path(
        gateways: Int64 = 0,
        endpoints: Int64 = 0,
        gigabytes: Int64 = 0,
        zones: Int64,
        services: Int64,
        onlyAWS: Bool = true
    ) throws -> Recommendation? {
        let carried: Meter = gateways > 0 ? .networkNATBytes : .networkEndpointBytes
        let usage: [Meter: Int64] = [
            .networkNATHours: Fixture.allMonth(gateways), .networkEndpointHours: Fixture.allMonth(endpoints),
            carried: gigabytes * 1000 << 30,
        ]
        let facts = Fixture.facts(usage) {
            $0.network = MeasuredFacts.Network(zones: zones, services: services, callsOnlyAWS: onlyAWS)
        }
        return try Fixture.recommendation(.networkPath, facts)
    }

    @Test func gatewaysGiveWayToFewEndpoints() throws {
        // 2 x 32.40 + 1000 x 0.045 = 109.80; 6 x 7.20 + 1000 x 0.01 = 53.20.
        let recommendation = try #require(try path(gateways: 2, gigabytes: 1000, zones: 2, services: 3))
        #expect(recommendation.saving.decimal == "56.600000")
        #expect(recommendation.title == "Endpoints instead of NAT gateways")
        #expect(recommendation.evidence == "2 NAT gateways and 0 endpoints carry 1000 GB a month")
    }

    @Test func manyEndpointsGiveWayToGateways() throws {
        // 18 x 7.20 + 100 x 0.01 = 130.60; 3 x 32.40 + 100 x 0.045 = 101.70.
        let recommendation = try #require(try path(endpoints: 18, gigabytes: 100, zones: 3, services: 6))
        #expect(recommendation.saving.decimal == "28.900000")
        #expect(recommendation.title == "NAT gateways instead of endpoints")
    }

    @Test func endpointsBesideAGatewayThatMustStayAreNamed() throws {
        // 4 x 7.20; the gateway is there in either case.
        let recommendation = try #require(
            try path(gateways: 1, endpoints: 4, zones: 1, services: 4, onlyAWS: false)
        )
        #expect(recommendation.saving.decimal == "28.800000")
    }

    /// Endpoints look cheaper the fewer bytes there are, so none must not stand for unknown.
    @Test func withoutTheBytesNothingIsAdvised() throws {
        let usage: [Meter: Int64] = [.networkNATHours: Fixture.allMonth(2)]
        let facts = Fixture.facts(usage) {
            $0.network = MeasuredFacts.Network(zones: 1, services: 3, callsOnlyAWS: true)
        }
        #expect(try Fixture.recommendation(.networkPath, facts) == nil)
    }

    @Test func aGatewayStaysForThoseWhoCallOthersThanAWS() throws {
        #expect(try path(gateways: 2, gigabytes: 1000, zones: 2, services: 3, onlyAWS: false) == nil)
        #expect(try path(zones: 2, services: 3) == nil)
    }

    @Test func fourEndpointsAreCheaperThanAGatewayAndFiveAreNot() throws {
        // 28.80 and 36.00 against 32.40.
        #expect(try path(gateways: 1, zones: 1, services: 4)?.saving.decimal == "3.600000")
        #expect(try path(gateways: 1, zones: 1, services: 5) == nil)
    }
}
