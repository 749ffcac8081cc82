internal import Core

/// The name of a body's form.
package enum FormatName: String, CaseIterable, Hashable, Sendable {
    case kobiton
    case kobitonExtended = "kobiton-extended"
    case cloudEvents = "cloudevents"
    case cloudEventsBinary = "cloudevents-binary"
    case template
}

/// Where a template is, as the file says it.
package struct TemplateSettings: Hashable, Sendable {
    package var file: String?
    package var contentType = "application/json; charset=utf-8"

    package init() {}

    static let kind = Kind<TemplateSettings>.object(
        TemplateSettings(),
        [
            Field(
                "file", \.file, Kind<String>.templateFile.orNone,
                "A Mustache file; without a slash, one beside this file or in \(TemplateSettings.shared)."),
            Field("contentType", \.contentType, .contentType, "The Content-Type of what it makes."),
        ])

    /// Where the package puts those that come with it.
    static let shared = "/usr/share/plughook/templates"
}

extension Kind where Value == String {
    /// Of that name alone: whoever may edit webhooks over the API must not have any other file sent to him.
    fileprivate static var templateFile: Kind {
        let expectation = "a file whose name ends with .mustache"
        return .text(10...4096, expectation).checked(adding: ["pattern": #"\.mustache$"#]) { (name) throws(Objection) in
            guard name.hasSuffix(".mustache") else { throw Objection("is no template", "give \(expectation)") }
        }
    }

    /// RFC 9110, 8.3.1, without what is rare.
    fileprivate static var contentType: Kind {
        let expectation = "a media type, like \"text/plain; charset=utf-8\""
        let pattern = #"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(; *[A-Za-z0-9_-]+=[A-Za-z0-9_.+-]+)*$"#
        return .text(3...128, expectation).checked(adding: ["pattern": .string(pattern)]) { (type) throws(Objection) in
            let form = /[A-Za-z0-9!#$&^_.+\-]+\/[A-Za-z0-9!#$&^_.+\-]+(?:; *[A-Za-z0-9_\-]+=[A-Za-z0-9_.+\-]+)*/
            guard type.wholeMatch(of: form) != nil else { throw Objection("is no media type", "give \(expectation)") }
        }
    }
}

extension WebhookDefinition {
    /// The form that it is told in; reads the template, when that is one.
    ///
    /// Blocks for as long as the disk takes. `path` is the configuration file's.
    func bodyFormat(beside path: String) throws(Objection) -> BodyFormat {
        switch format {
        case .kobiton: return .kobiton
        case .kobitonExtended: return .kobitonExtended
        case .cloudEvents: return .cloudEvents(.structured)
        case .cloudEventsBinary: return .cloudEvents(.binary)
        case .template: return .template(try template.read(beside: path))
        }
    }
}

extension TemplateSettings {
    fileprivate func read(beside path: String) throws(Objection) -> BodyTemplate {
        let place = self.place(beside: path)
        let shown = Quotation.escaped(place, limit: 4096)
        let bytes: [UInt8]
        do throws(Objection) {
            let file = try ReadableFile(path: place)
            if let objection = file.accessObjections.first { throw objection }
            bytes = try file.read(atMost: BodyTemplate.longestSource)
        } catch {
            if error.advice.hasPrefix("run: ") { throw error }
            throw Objection("the template \(shown): \(error.problem)", "name a Mustache file")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Objection("the template \(shown) is no text in UTF-8", "write it anew")
        }
        do throws(TemplateFault) {
            return try BodyTemplate(mustache: text, contentType: contentType)
        } catch {
            throw Objection("\(shown):\(error.line):\(error.column): \(error.problem)", error.advice)
        }
    }

    private func place(beside path: String) -> String {
        let name = file ?? ""
        if name.hasPrefix("/") { return name }
        let directory = SecretReference.directory(of: path)
        let shared = "\(Self.shared)/\(name)"
        return !name.contains("/") && !ReadableFile.exists(directory + name) && ReadableFile.exists(shared)
            ? shared : directory + name
    }
}
