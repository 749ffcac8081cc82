extension WebhookDefinition {
    /// One that is not saved, with the form that its callbacks would have; `source` is what it was read from.
    ///
    /// Blocks for as long as the disk takes, when that is a template. `path` is the configuration file's.
    package func withBodyFormat(
        beside path: String, source: [UInt8]
    ) throws(InvalidConfiguration) -> WebhookDefinition {
        var whole = self
        do throws(Objection) {
            whole.bodyFormat = try bodyFormat(beside: path)
        } catch {
            var findings = Findings()
            let root = JSONCursor(root: try JSONTree(checking: source).root)
            findings.add(error, at: root.member("template") ?? root)
            throw InvalidConfiguration(faults: findings.placed(in: source))
        }
        return whole
    }
}
