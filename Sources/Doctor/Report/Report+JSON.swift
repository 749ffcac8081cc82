internal import PlughookConfiguration

extension Report {
    /// For programs: one object, `{"healthy": bool, "checks": [{"id", "verdict", "found", "mend"}]}`, ended by a line break.
    ///
    /// All four are texts and always there; `mend` is empty where there is nothing to mend. An id may come several times: for
    /// each fault of the configuration, each adb server, each receiver.
    package var json: String {
        let checks = diagnoses.map { diagnosis -> JSONLiteral in
            [
                "id": .string(diagnosis.check.rawValue), "verdict": .string(diagnosis.verdict.rawValue),
                "found": .string(diagnosis.found), "mend": .string(diagnosis.mend ?? ""),
            ]
        }
        let report: JSONLiteral = ["healthy": .boolean(isHealthy), "checks": .array(checks)]
        return report.prettyText + "\n"
    }
}
