import Testing
import WaybillCore

@testable import waybill

@Suite struct DeliveriesCSVTests {
    @Test func rowsEndWithCRLFAndTheHeaderComesFirst() {
        var record = Sample.record("1001", .delivered)
        (record.reason, record.template, record.attempt) = (nil, nil, nil)
        let rows = DeliveriesCSV.text([record], hasHeader: true).split(
            separator: "\r\n",
            omittingEmptySubsequences: false
        )
        #expect(rows.count == 3)
        #expect(rows.first == "order,kind,status,email,created_at,updated_at,message_id,template,attempt,reason")
        #expect(rows[1].hasPrefix("1001,order-confirmation,DELIVERED,ada@example.com,2026-"))
        #expect(rows[1].hasSuffix(",0100-message,,,"))
        #expect(rows.last == "")
        #expect(!DeliveriesCSV.text([record], hasHeader: false).contains("order,kind"))
        #expect(DeliveriesCSV.text([], hasHeader: false).isEmpty)
    }

    @Test(arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"no\"", "\"say \"\"no\"\"\""), ("two\nlines", "\"two\nlines\""),
        ("two\r\nlines", "\"two\r\nlines\""), ("ends\r", "\"ends\r\""), ("", ""), ("Zoë", "Zoë"),
        // What a spreadsheet would calculate.
        ("=1+1", "'=1+1"), ("+49", "'+49"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"),
        ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""), ("\r=1", "\"'\r=1\""), ("a=1", "a=1"),
    ])
    func aCellIsQuotedWhereItMustBeAndIsNeverAFormula(text: String, cell: String) {
        #expect(DeliveriesCSV.cell(text) == cell)
    }
}
