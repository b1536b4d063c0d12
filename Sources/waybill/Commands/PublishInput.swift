import Dispatch
import Glibc
import WaybillCore

/// Lines as they come in.
protocol LineInput {
    /// Nil at the end.
    mutating func next() async throws(CommandFailure) -> LineChunk?
}

struct LineChunk: Hashable, Sendable {
    var lines: [InputLine]
    /// The writer has nothing more to say for the moment: what is gathered should go out now, not wait for a full batch.
    var isPause: Bool
}

/// A file, or standard input. Reading may block for as long as the writer likes, so it has a thread of its own.
final class FileInput: LineInput {
    static let chunkBytes = 64 * 1024

    private let name: String
    private let descriptor: Int32
    private let thread = DispatchQueue(label: "waybill.input")
    private var splitter = LineSplitter()
    private var isAtEnd = false

    /// `-` is standard input.
    init(path: String) throws(CommandFailure) {
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandFailure(.usage, "\(path): \(errorText(errno))") }
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    func next() async throws(CommandFailure) -> LineChunk? {
        if isAtEnd { return nil }
        let bytes = try await read()
        guard bytes.isEmpty else {
            return LineChunk(lines: splitter.feed(bytes), isPause: bytes.count < Self.chunkBytes)
        }
        isAtEnd = true
        return splitter.finish().map { LineChunk(lines: [$0], isPause: true) }
    }

    /// Everything, when it is no more than `limit` bytes.
    func readAll(limit: Int) async throws(CommandFailure) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = try await read()
            if bytes.isEmpty { return all }
            all += bytes
            guard all.count <= limit else { throw CommandFailure(.failed, "\(name): more than \(limit) bytes") }
        }
    }

    private func read() async throws(CommandFailure) -> [UInt8] {
        let descriptor = descriptor
        let result = await withCheckedContinuation { continuation in
            thread.async { continuation.resume(returning: readChunk(descriptor)) }
        }
        switch result {
        case .success(let bytes): return bytes
        case .failure(let error): throw CommandFailure(.failed, "\(name): \(errorText(error.code))")
        }
    }
}

private struct SystemError: Error {
    let code: Int32
}

private func readChunk(_ descriptor: Int32) -> Result<[UInt8], SystemError> {
    var code: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: FileInput.chunkBytes) { buffer, count in
        var received = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        while received < 0, errno == EINTR {
            received = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        }
        if received < 0 { code = errno }
        count = max(0, received)
    }
    return code == 0 ? .success(bytes) : .failure(SystemError(code: code))
}

/// What the C library calls this error.
func errorText(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
