import CPostgres

extension ConnectionHandle {
    /// Queues a call in libpq; false when libpq refused it.
    func send(_ content: PostgresCall.Content) -> Bool {
        switch content {
        case .statements(let statements):
            guard statements.allSatisfy({ send($0) }) else { return false }
            return unsafe PQpipelineSync(pointer) == 1
        case .script(let text):
            // The simple protocol is not allowed in pipeline mode, which can be left while nothing is under way.
            guard unsafe PQexitPipelineMode(pointer) == 1 else { return false }
            return unsafe PQsendQuery(pointer, text) == 1
        }
    }

    private func send(_ statement: PostgresStatement) -> Bool {
        unsafe statement.parameters.withPointers { count, types, values, lengths, formats in
            unsafe PQsendQueryParams(pointer, statement.sql, count, types, values, lengths, formats, 1) == 1
        }
    }
}
