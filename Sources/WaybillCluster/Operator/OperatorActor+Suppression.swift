import WaybillCore
import WaybillPorts

extension OperatorActor {
    /// Off the account's list first: left there, the leader would bring it back, and SES would bounce what is sent. Every
    /// step may be repeated. Throws when SES did not answer: the request comes again.
    func unsuppress(_ email: String) async throws -> OperatorResult {
        let known = try await store.suppression(of: email)
        var wasThere = false
        // Whether SES tells `Ann@` from `ann@` is nowhere written: the account's own spelling, what was typed, and the key.
        var spellings: [String] = []
        for spelling in [known?.accountEmail, email, AddressKey(email).text] {
            guard let spelling, !spellings.contains(spelling) else { continue }
            spellings.append(spelling)
        }
        for spelling in spellings {
            do throws(AccountListError) {
                if try await accountList.remove(spelling) { wasThere = true }
            } catch {
                guard error.code == .refused else { throw error }
                return .refused("it stays suppressed: SES's own list could not be changed, \(error.message)")
            }
        }
        let wasHere = try await store.unsuppress(email)
        switch (wasHere, wasThere) {
        case (false, false): return .refused("it is not suppressed, neither here nor in the SES account")
        case (true, true): return .done("it is off the list here and off the SES account's")
        case (true, false): return .done("it is off the list here; it was not on the SES account's")
        case (false, true): return .done("it is off the SES account's list; it was not on the list here")
        }
    }
}
