import Testing
import WaybillAWS

@Suite struct XMLElementTests {
    @Test func anAnswerOfSNSIsRead() throws {
        let text = """
            <?xml version="1.0"?>
            <!-- made by hand -->
            <PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
              <PublishResult><MessageId a='x>y'>567910cd</MessageId><Empty/><List><member>1</member><member>2</member></List></PublishResult>
              <sns:Text>a &lt;b&gt; &amp; &quot;c&quot; &apos;d&apos; &#x1F4E6;&#65;<![CDATA[<raw>&amp;]]></sns:Text>
            </PublishResponse>

            """
        let root = try XMLElement(Array(text.utf8))
        #expect(root.name == "PublishResponse")
        #expect(root["PublishResult"]?["MessageId"]?.text == "567910cd")
        #expect(root["PublishResult"]?["Empty"]?.text == "")
        #expect(root["PublishResult"]?["List"]?.memberElements.map(\.text) == ["1", "2"])
        #expect(root["Text"]?.text == "a <b> & \"c\" 'd' \u{1F4E6}A<raw>&amp;")
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "</a>", "<a/><b/>", "<a>&unknown;</a>", "<a>&#xD800;</a>", "<a b=\"c>", "<a",
        "<>",
        "<!DOCTYPE a []><a/>", "<a><![CDATA[x</a>", "<a>&amp</a>", "<a/>text", "<a//",
    ])
    func whatIsNoDocumentIsAnError(_ text: String) {
        #expect(throws: XMLSyntaxError.self) { try XMLElement(Array(text.utf8)) }
    }

    @Test func nestingIsLimited() {
        let deep = String(repeating: "<a>", count: 33) + String(repeating: "</a>", count: 33)
        #expect(throws: XMLSyntaxError.self) { try XMLElement(Array(deep.utf8)) }
    }
}
