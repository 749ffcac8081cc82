internal import PlughookConfiguration

/// What the configuration file says, or all that is wrong with it.
struct ConfigurationLook {
    /// Nobody mends more at a time; `plughook check` says all.
    static let mostFaults = 20

    let path: String
    let outcome: Result<Configuration, ConfigurationError>

    var configuration: Configuration? { try? outcome.get() }

    var diagnoses: [Diagnosis] {
        switch outcome {
        case .success(let configuration):
            let count = configuration.webhooks.count
            let found = "\(path) is good"
            guard count > 0 else {
                return [
                    .warning(
                        .config, found + ", but has no webhook: nobody will be told",
                        mend: "add one below \"webhooks\"; plughook schema says what it may have")
                ]
            }
            return [.ok(.config, "\(found): \(count) webhook\(count == 1 ? "" : "s")")]
        case .failure(.unreadable(_, let problem, let advice)):
            return [.problem(.config, "\(path): \(problem)", mend: advice)]
        case .failure(.invalid(_, let faults)):
            var diagnoses = faults.prefix(Self.mostFaults).map { fault in
                let place = fault.pointer.isEmpty ? "" : "\(fault.pointer): "
                return Diagnosis.problem(
                    .config, "\(path):\(fault.line):\(fault.column): \(place)\(fault.problem)", mend: fault.advice)
            }
            if faults.count > Self.mostFaults {
                diagnoses.append(
                    .problem(
                        .config, "\(path): \(faults.count - Self.mostFaults) more faults",
                        mend: "plughook check --config \(path.shellWord)"))
            }
            return diagnoses
        }
    }
}

extension ConfigurationLook {
    init(path: String) {
        self.path = path
        do throws(ConfigurationError) {
            outcome = .success(try ConfigurationFile.load(path: path))
        } catch {
            outcome = .failure(error)
        }
    }
}
