import Testing
import WaybillCore

@Suite struct SuppressionMirrorTests {
    private let noon = Timestamp(seconds: 20_000 * 86_400 + 43_200)

    @Test func theWholeListComesFirstAndThenOnceADay() {
        #expect(SuppressionMirror().next(now: noon) == .begin(.full, since: nil, tick: 20_000))
        let read = SuppressionMirror(lastFull: noon, lastRead: noon)
        #expect(read.next(now: noon) == .rest(.seconds(300)))
        let midnight = Timestamp(seconds: 20_001 * 86_400)
        #expect(read.next(now: midnight) == .begin(.full, since: nil, tick: 20_001))
        #expect(read.next(now: midnight - .seconds(1)) == .begin(.recent, since: noon - .seconds(3600), tick: nil))
    }

    @Test func aReadThatIsUnderWayGoesOnFirst() {
        var mirror = SuppressionMirror()
        mirror.read = SuppressionMirror.Read(kind: .full, startedAt: noon, token: "t")
        #expect(mirror.next(now: noon + .seconds(999_999)) == .page(since: nil, token: "t"))
        mirror.read?.isDropping = true
        #expect(mirror.next(now: noon) == .drop)
    }

    @Test func whenSomebodyHasBegunTheWholeReadTheRecentOnesGoOn() {
        let yesterday = noon - .seconds(86_400)
        let mirror = SuppressionMirror(lastFull: yesterday, lastRead: noon)
        #expect(mirror.next(now: noon + .seconds(100), isFullBegun: true) == .rest(.seconds(200)))
        let later = noon + .seconds(300)
        let since = noon - .seconds(3600)
        #expect(mirror.next(now: later, isFullBegun: true) == .begin(.recent, since: since, tick: nil))
        #expect(SuppressionMirror().next(now: noon, isFullBegun: true) == .begin(.recent, since: nil, tick: nil))
    }

    @Test func aClockThatWasSetBackDoesNotMakeItRestForLong() {
        let mirror = SuppressionMirror(lastFull: noon, lastRead: noon)
        #expect(mirror.next(now: noon - .seconds(5000)) == .rest(.seconds(300)))
    }
}
