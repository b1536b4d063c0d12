import Testing
import WaybillPorts

@testable import WaybillPostgres

@Suite struct SQLStateTests {
    @Test(arguments: [
        ("08006", StoreError.Code.unavailable), ("08P01", .unavailable), ("57P01", .unavailable),
        ("57P02", .unavailable), ("57P03", .unavailable), ("25006", .unavailable),
        ("40001", .transient), ("40P01", .transient), ("55P03", .transient), ("57014", .transient),
        ("53100", .transient), ("53300", .transient),
        ("22021", .rejected), ("23505", .rejected), ("42P01", .rejected), ("42501", .rejected), ("28P01", .rejected),
    ])
    func everyClassHasItsCode(state: String, code: StoreError.Code) {
        #expect(StoreError.code(sqlState: state) == code)
    }

    @Test func onlyDataErrorsAreBlamedOnARow() {
        #expect(StoreError(.rejected, sqlState: "22021", "").concernsData)
        #expect(StoreError(.rejected, sqlState: "23514", "").concernsData)
        #expect(!StoreError(.rejected, sqlState: "42P01", "").concernsData)
        #expect(!StoreError(.transient, sqlState: "40P01", "").concernsData)
        #expect(!StoreError(.rejected, "").concernsData)
    }

    @Test func aCancelledCallAsksTheServerOnlyWhenItIsFirst() {
        var waiting = CallState()
        let whileWaiting = [waiting.cancel(.task), waiting.becomeFirst()]
        #expect(whileWaiting == [false, true])
        var first = CallState()
        // The deadline asks again: the task's request may have overtaken its statement.
        let whileFirst = [first.becomeFirst(), first.cancel(.task), first.cancel(.task), first.cancel(.deadline)]
        #expect(whileFirst == [false, true, false, true])
        #expect(first.reason == .task)
        var done = CallState()
        _ = done.becomeFirst()
        done.finish()
        let afterwards = done.cancel(.task)
        #expect(!afterwards)
    }
}
