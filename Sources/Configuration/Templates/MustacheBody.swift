package import Core
internal import Mustache

extension BodyTemplate {
    /// In bytes: the longest of those that come with plughook has 982.
    package static let longestSource = 16 << 10

    /// Reads and checks a Mustache template (https://mustache.github.io/mustache.5.html) for bodies of that content type.
    ///
    /// `{{deviceName}}` is escaped for a JSON string, `{{{deviceName}}}` is not; `{{% CONTENT_TYPE:TEXT}}` or `HTML` in the
    /// template escapes otherwise. The words are those of `TemplateWords`. A fault is told with its line and column in the
    /// template: of syntax, a word that there is not, and, where the content type is JSON, a body that would be none.
    package init(mustache source: String, contentType: String) throws(TemplateFault) {
        try Self.checkTags(source)
        let template = try Self.parse(source)
        let body = Self(source: source, contentType: contentType) { template.render(TemplateWords($0)) }
        try Self.check(template, source, isJSON: Self.isJSON(contentType))
        self = body
    }

    /// Mustache reads and fills in a section within the one around it: so deep, and no deeper.
    private static let deepest = 32

    private static func checkTags(_ source: String) throws(TemplateFault) {
        var depth = 0
        for tag in source.matches(of: /\{\{\s*([>*<=#^$\/])/) {
            let place = tag.range.lowerBound
            switch tag.output.1 {
            case ">", "*", "<": throw TemplateFault(source, at: place, "a template of another file cannot be taken in")
            case "=": throw TemplateFault(source, at: place, "the delimiters cannot be changed")
            case "/": depth -= 1
            default: depth += 1
            }
            if depth > deepest {
                throw TemplateFault(source, at: place, "a section stands in more than \(deepest) others")
            }
        }
    }

    private static func parse(_ source: String) throws(TemplateFault) -> MustacheTemplate {
        MustacheContentTypes.register(JSONStringEscapes(), named: "JSON")
        // On the first line, so that lines are counted as they are in the file.
        let pragma = "{{% CONTENT_TYPE:JSON}}"
        do {
            return try MustacheTemplate(string: pragma + source)
        } catch let error as MustacheTemplate.ParserError {
            let place = error.context
            let shift = place.lineNumber == 1 ? pragma.count : 0
            throw TemplateFault(
                line: place.lineNumber, column: max(1, place.columnNumber - shift), problem: words(for: error.error))
        } catch {
            throw TemplateFault(line: 1, column: 1, problem: "is no Mustache template")
        }
    }

    private static func words(for error: any Error) -> String {
        switch error as? MustacheTemplate.Error {
        case .sectionCloseNameIncorrect:
            "a section is closed by another name than it was opened by, or was never opened"
        case .unfinishedName: "a tag has no end, or a name that is none"
        case .expectedSectionEnd: "a section is never closed"
        case .invalidSetDelimiter: "the delimiters cannot be changed"
        case .transformAppliedToInheritanceSection, .illegalTokenInsideInheritSection, .textInsideInheritSection:
            "a template of another file cannot be taken in"
        case .invalidConfigVariableSyntax, .unrecognisedConfigVariable:
            "a {{% …}} is none of {{% CONTENT_TYPE:JSON}}, TEXT and HTML"
        case nil: "a tag has no end"
        }
    }

    /// Tries it with what may come.
    private static func check(
        _ template: MustacheTemplate, _ source: String, isJSON: Bool
    ) throws(TemplateFault) {
        for sample in CallbackFacts.samples {
            let words = TemplateWords(sample)
            let text = template.render(words)
            if let unknown = words.unknown.first {
                let place = source.firstRange(of: unknown)?.lowerBound ?? source.startIndex
                let nearest = TemplateWords.all.nearest(to: unknown).map { "did you mean {{\($0)}}?" }
                throw TemplateFault(
                    source, at: place, "there is no word \(Quotation(unknown))",
                    nearest ?? "there are \(TemplateWords.all.joined(separator: ", "))")
            }
            guard isJSON else { continue }
            do throws(Finding) {
                _ = try JSONTree(parsing: Array(text.utf8))
            } catch {
                throw TemplateFault(notJSON: error, in: text, of: sample)
            }
        }
    }

    /// RFC 6839, 3.1, with what every JSON type ends with.
    private static func isJSON(_ contentType: String) -> Bool {
        let type = contentType.prefix { $0 != ";" }.lowercased().trimmingNULAndSpace()
        return type.hasSuffix("/json") || type.hasSuffix("+json")
    }
}

/// What is wrong with a template, and where.
package struct TemplateFault: Error, Hashable {
    /// From 1.
    package let line: Int
    /// From 1, in characters.
    package let column: Int
    package let problem: String
    package let advice: String

    init(line: Int, column: Int, problem: String, advice: String = "mend the template") {
        self.line = line
        self.column = column
        self.problem = problem
        self.advice = advice
    }

    fileprivate init(
        _ source: String, at place: String.Index, _ problem: String, _ advice: String = "mend the template"
    ) {
        let before = source[..<place]
        let start = before.lastIndex(where: \.isNewline).map { before.index(after: $0) } ?? before.startIndex
        self.init(
            line: before.count(where: \.isNewline) + 1, column: before[start...].count + 1, problem: problem,
            advice: advice)
    }

    /// The place is one in the body, and the template's line is as good as lost: so the body's own line is shown.
    fileprivate init(notJSON finding: Finding, in text: String, of sample: CallbackFacts) {
        let before = text.utf8.prefix(finding.offset)
        let line = before.count { $0 == UInt8(ascii: "\n") }
        let shown = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(line).first ?? ""
        self.init(
            line: line + 1, column: 1,
            problem:
                "what it makes of \"\(sample.eventDescription)\" is no JSON: \(finding.problem), in \(Quotation(String(shown)))"
        )
    }
}

/// What stands between the quotes of a JSON string.
private struct JSONStringEscapes: MustacheContentType {
    func escapeText(_ text: String) -> String { String(JSONObjectWriter.quoted(text).dropFirst().dropLast()) }
}
