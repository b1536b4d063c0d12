/// An address as the suppression list compares it: the one place that says which spellings are the same address. The domain is
/// in Punycode and everything in lower case: whether the receiving server tells `Ann@` from `ann@` nobody knows, and an email
/// too few is the smaller harm. Every key of an address that SES takes is ASCII, so that PostgreSQL's
/// `waybill.address_key`, which takes ASCII only, agrees.
package struct AddressKey: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ email: String) {
        do throws(EmailAddressError) {
            text = try EmailAddress(email).text.lowercased()
        } catch {
            // What is no address that SES takes is kept as it was told: nothing will ever be sent to it.
            text = email.lowercased()
        }
    }

    package var description: String { text }
}
