internal import Core

extension WebhookDefinition {
    /// Where its secrets are, that of its `auth` included.
    private var places: Set<SecretReference.Place> {
        Set((secrets + [authentication?.secret].compactMap(\.self)).map(\.place))
    }

    /// The place of a secret or a template that this definition names, `old` does not, and that was not made for it: whoever
    /// sets a webhook's URL as well could have any line that the agent may read sent to him. Nil when there is none.
    ///
    /// Made for it are files in `$CREDENTIALS_DIRECTORY` or beside the configuration, which have a name without a slash, and
    /// variables whose names begin with `PLUGHOOK_`.
    package func strangePlace(beside old: WebhookDefinition?) -> String? {
        // A template elsewhere: what it would show is for whoever may read it there.
        if let name = template.file, name.contains("/"), name != old?.template.file {
            return "the file \(Quotation.escaped(name, limit: 200))"
        }
        for place in places.subtracting(old?.places ?? []) {
            switch place {
            case .file(let name) where name.contains("/"): return "the file \(Quotation.escaped(name, limit: 200))"
            case .environment(let name) where !name.hasPrefix("PLUGHOOK_"): return "the variable \(name)"
            case .file, .environment, .inline: continue
            }
        }
        return nil
    }
}
