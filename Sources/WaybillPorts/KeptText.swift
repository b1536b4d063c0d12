extension String {
    /// PostgreSQL's text cannot hold U+0000. What explains something must never be why it cannot be kept, so every store keeps
    /// it like this.
    package var withoutNUL: String {
        utf8.contains(0) ? String(unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : Character($0) }) : self
    }
}
