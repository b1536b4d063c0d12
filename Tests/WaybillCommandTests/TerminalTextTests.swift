import Testing

@testable import waybill

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("Zoë", 3), ("Zoe\u{308}", 3), ("東京", 4), ("한국", 4), ("\u{1112}\u{1161}\u{11AB}", 2),
        ("ﾊﾝ", 2), ("Ａ", 2), ("📦", 2), ("👩‍👩‍👧", 2), ("🇩🇪", 2), ("❤\u{FE0F}", 2), ("❤", 1), ("…", 1), ("a\u{200B}b", 2),
    ])
    func textIsAsWideAsATerminalShowsIt(_ text: String, _ columns: Int) {
        #expect(TerminalText.columns(text) == columns)
    }

    @Test(arguments: [
        ("plain – text", "plain – text"), ("\u{1B}[31mred", "\\u{1B}[31mred"), ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u{202E}txt.exe", "\\u{202E}txt.exe"), ("\u{9B}2J", "\\u{9B}2J"), ("nul\0", "nul\\u{0}"),
        ("two\u{2028}lines", "two\\u{2028}lines"),
    ])
    func whatCouldSteerATerminalIsShownAsAnEscape(_ text: String, _ shown: String) {
        #expect(TerminalText.printable(text) == shown)
    }
}
