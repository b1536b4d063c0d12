import Testing
import WaybillCore

@Suite struct LanguageTagTests {
    @Test(arguments: [
        "en", "de-DE", "DE-de", "zh-Hant-TW", "sr-Latn", "es-419", "de-CH-1996", "sl-rozaj-biske", "zh-cmn-Hans-CN",
        "fil",
        "hy-Latn-IT-arevela", "de-DE-u-co-phonebk", "en-a-myext-b-another", "az-Arab-x-AZE-derbend", "en-x-a-b",
        "qaa-Qaaa-QM",
    ])
    func aWellFormedTagIsTaken(_ tag: String) {
        #expect(LanguageTag.isWellFormed(tag))
    }

    @Test(arguments: [
        "", "e", "1", "german language", "de_DE", "de-", "-de", "de--DE", "de-D", "de-DE-1", "en-12", "deutschland",
        "d1",
        "en-x", "en-u", "en-a-b", "de-DE\n", "dé", "en-GB-oxford123456", "x", "de-DE-de-DE",
        "en-a-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd",
    ])
    func anythingElseIsNot(_ tag: String) {
        #expect(!LanguageTag.isWellFormed(tag))
    }
}
