import WaybillCore
import WaybillPorts

/// What becomes of an order's JSON: an email, or what is wrong.
enum RenderResult: Sendable {
    case rendered(Order, RenderedEmail)
    case invalid(OrderViolations)
    case unrenderable(RenderError)

    /// `brands` are those that the order may name.
    init(_ bytes: [UInt8], with renderer: any EmailRenderer, brands: Set<BrandName> = [.standard]) async {
        switch OrderReader.read(bytes, brands: brands) {
        case .failure(let violations): self = .invalid(violations)
        case .success(let order):
            do throws(RenderError) {
                self = .rendered(order, try await renderer.render(order))
            } catch {
                self = .unrenderable(error)
            }
        }
    }

    /// Everything that is wrong, one line each.
    var faults: [String] {
        switch self {
        case .rendered: []
        case .invalid(let violations): violations.violations.map(\.description)
        case .unrenderable(let error): [error.description]
        }
    }

    var json: JSON {
        JSONShapes.object([
            ("valid", .bool(faults.isEmpty)),
            ("violations", .array(violations)),
            ("email", email),
        ])
    }

    /// Headers and text body, for people.
    func lines(_ palette: Palette) -> [String] {
        guard case .rendered(let order, let email) = self else { return [] }
        var fields = FieldList()
        fields.append("order", order.id.text)
        fields.append("brand", order.brand.text)
        fields.append("from", email.from)
        fields.append("reply to", email.replyTo)
        fields.append("to", order.customer.email)
        fields.append("subject", email.subject)
        fields.append("template", email.template)
        let body = email.text.split(separator: "\n", omittingEmptySubsequences: false)
        return fields.lines(palette, indent: "") + [""] + body.map { TerminalText.printable(String($0)) }
    }

    private var violations: [JSON] {
        switch self {
        case .rendered: []
        case .invalid(let found):
            found.violations.map { violation in
                JSONShapes.object([
                    ("path", .string(violation.path)),
                    ("expected", .string(violation.expected)),
                    ("found", .string(violation.found)),
                ])
            }
        case .unrenderable(let error):
            [
                JSONShapes.object([
                    ("path", .string("$")), ("expected", .string("an order that the template can show")),
                    ("found", .string(error.message)),
                ])
            ]
        }
    }

    private var email: JSON {
        guard case .rendered(let order, let email) = self else { return .null }
        return JSONShapes.object([
            ("brand", .string(order.brand.text)),
            ("from", .string(email.from)),
            ("replyTo", JSONShapes.text(email.replyTo)),
            ("to", .string(order.customer.email)),
            ("subject", .string(email.subject)),
            ("template", .string(email.template)),
            ("html", .string(email.html)),
            ("text", .string(email.text)),
        ])
    }
}
