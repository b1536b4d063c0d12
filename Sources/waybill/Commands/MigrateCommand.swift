import ArgumentParser
import WaybillPostgres
import WaybillReactor

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Brings the database to the schema of the migration files.",
        discussion: """
            Applies migrations/NNNN_name.sql in order, each once, under an advisory lock; refuses a file that was changed \
            after it was applied. The same files run under plain psql. Settings: WAYBILL_POSTGRES, WAYBILL_MIGRATIONS. What a file says by RAISE NOTICE goes to standard error.
            """
    )

    func run() async throws {
        let settings = try await WaybillSettings.load()
        let files = try MigrationFile.read(folder: settings.migrations)
        let reactor = try Reactor()
        let applied = try await Migrator.migrate(
            files: files,
            settings: PostgresSettings(connectionString: settings.postgres),
            reactor: reactor,
            environment: SystemEnvironment(),
            hear: { file, notice in
                let words = "\(file.fileName): \(notice.message)"
                if notice.severity == "WARNING" { Console.system.warn(words) } else { Console.system.note(words) }
            }
        )
        for file in applied { print("applied \(file.fileName)") }
        print(applied.isEmpty ? "nothing to do: the database has all \(files.count) migrations" : "done")
    }
}
