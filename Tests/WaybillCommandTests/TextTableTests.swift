import Testing

@testable import waybill

@Suite struct TextTableTests {
    @Test func columnsAreAlignedByWhatIsSeenAndTheLastIsNotPadded() {
        var table = TextTable([.init("NAME"), .init("COUNT", .trailing), .init("CITY")])
        table.append(["東京", "7", "x"])
        table.append(["Zoë\u{308}", "12345678", "yy"])
        #expect(
            table.lines(.plain) == [
                "NAME     COUNT  CITY",
                "東京         7  x",
                "Zoë\u{308}   12345678  yy",
            ]
        )
    }

    @Test func coloursDoNotCountAsWidth() {
        var table = TextTable([.init("STATUS"), .init("N")])
        table.append([.init("BAD", .bad), "1"])
        #expect(
            table.lines(Palette(isColoured: true)) == [
                "\u{1B}[1mSTATUS\u{1B}[0m  \u{1B}[1mN\u{1B}[0m",
                "\u{1B}[31mBAD\u{1B}[0m     1",
            ]
        )
    }

    @Test func aCellCannotBreakTheTable() {
        var table = TextTable([.init("A"), .init("B")])
        table.append(["one\ntwo", "x"])
        #expect(table.lines(.plain) == ["A         B", "one\\ntwo  x"])
    }

    @Test func anEmptyTableIsItsTitles() {
        #expect(TextTable([.init("A"), .init("B", .trailing)]).lines(.plain) == ["A  B"])
    }

    @Test func fieldsWithoutAValueAreLeftOut() {
        var fields = FieldList()
        fields.append("name", "Ada")
        fields.append("nothing", nil)
        fields.append("longer name", "\u{7}", .bad)
        #expect(fields.lines(.plain) == ["  name         Ada", "  longer name  \\u{7}"])
    }
}
