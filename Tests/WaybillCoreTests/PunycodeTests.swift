import Testing
import WaybillCore

/// The samples of RFC 3492, section 7.1, where upper case plays no part.
@Suite struct PunycodeTests {
    @Test(arguments: [
        ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"),
        ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
        ("他們爲什麽不說中文", "ihqwctvzc91f659drss3x8bo0yb"),
        ("למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b"),
        ("यहलोगहिन्दीक्योंनहींबोलसकतेहैं", "i1baa7eci9glrd9b2ae1bj0hfcgg6iyaf8o0a1dig0cd"),
        ("なぜみんな日本語を話してくれないのか", "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"),
        ("세계의모든사람들이한국어를이해한다면얼마나좋을까", "989aomsvi5e83db1d2a355cv1e0vak1dwrv93d5xbh15a0dt30a5jpsd879ccm6fea98c"),
        ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
        ("porquénopuedensimplementehablarenespañol", "porqunopuedensimplementehablarenespaol-fmd56a"),
        ("tạisaohọkhôngthểchỉnóitiếngviệt", "tisaohkhngthchnitingvit-kjcr8268qyxafd2f1b9g"),
        ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
        ("ひとつ屋根の下2", "2-u9tlzr9756bt3uc0v"),
        ("-> $1.00 <-", "-> $1.00 <--"),
        ("", ""),
        ("a", "a-"),
        ("ü", "tda"),
        ("\u{10FFFF}", "dn32g"),
    ])
    func aLabelIsEncodedAsTheStandardSays(label: String, expected: String) {
        #expect(Punycode.encode(label) == expected)
    }

    @Test func aLabelTooLongForItsNumbersIsRefusedAndNoCrash() {
        #expect(Punycode.encode(String(repeating: "a", count: 5000) + "\u{10FFFF}") == nil)
    }
}
