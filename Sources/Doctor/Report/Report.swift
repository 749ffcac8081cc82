internal import Glibc

/// All that was found, in the order in which people read it.
package struct Report: Hashable, Sendable {
    package let diagnoses: [Diagnosis]

    init(_ diagnoses: [Diagnosis]) { self.diagnoses = diagnoses }

    /// Warnings do not count.
    package var isHealthy: Bool { count(of: .problem) == 0 }

    /// 0; 78 (EX_CONFIG) when the configuration is all that is wrong; 69 (EX_UNAVAILABLE) when anything else is.
    package var exitCode: Int32 {
        if isHealthy { return 0 }
        let isConfigAlone = diagnoses.allSatisfy { $0.verdict != .problem || $0.check == .config }
        return isConfigAlone ? EX_CONFIG : EX_UNAVAILABLE
    }

    func count(of verdict: Diagnosis.Verdict) -> Int { diagnoses.count { $0.verdict == verdict } }
}
