/// A configuration file as it was read.
package struct ConfigurationText: Sendable {
    /// What an edit starts from, and what it expects to be still there when it is written.
    package let bytes: [UInt8]
    /// What the bytes mean, or every fault in them and in the file's access rights.
    package let configuration: Result<Configuration, InvalidConfiguration>
    /// Nothing is wrong with the bytes and the access rights themselves; a secret that is named there may be missing, which
    /// an edit can mend.
    package let isSound: Bool

    /// `path` is where the bytes are or are to be: secrets that are named without a path lie beside it.
    package init(bytes: [UInt8], path: String) { self.init(bytes: bytes, path: path, accessFaults: [], exposure: nil) }

    /// `exposure` is what is wrong with the file's rights if there are secrets in it.
    init(bytes: [UInt8], path: String, accessFaults: [Fault], exposure: Objection?) {
        self.bytes = bytes
        let parsed = Result { () throws(InvalidConfiguration) in try Configuration(json: bytes) }
        isSound = accessFaults.isEmpty && (try? parsed.get()) != nil
        do throws(InvalidConfiguration) {
            let configuration = try parsed.get().withKeys(
                beside: path, source: bytes, exposure: exposure, at: .current)
            self.configuration =
                accessFaults.isEmpty
                ? .success(configuration) : .failure(InvalidConfiguration(faults: accessFaults))
        } catch {
            configuration = .failure(InvalidConfiguration(faults: accessFaults + error.faults))
        }
    }
}
