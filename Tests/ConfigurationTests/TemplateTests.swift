import Core
import Foundation
import PlughookConfiguration
import TestSupport
import Testing

@Suite struct TemplateTests {
    private static let json = "application/json"

    private func facts(name: String = "Galaxy \"8\"", status: Status = .offline, owners: [String] = []) -> CallbackFacts
    {
        let event = StatusEvent(
            number: EventNumber(42), device: UDID("ce0917"), name: name, group: .local, previous: .online,
            status: status,
            reason: status == .offline ? .unauthorized : nil, isSilent: false, platform: .android,
            port: PortPath("1-4.2"))
        return CallbackFacts(
            event, at: WallTime(milliseconds: 1_672_980_756_963),
            host: HostIdentity(id: "rack-3", labels: ["site": "hanoi"]), organisation: 2,
            webhook: Webhook(id: WebhookID(129), name: "ci", url: "https://example.com", events: []), sequence: 7,
            owners: owners)
    }

    private func made(
        _ source: String, _ type: String = "text/plain", of facts: CallbackFacts? = nil
    ) throws -> String {
        let format = BodyFormat.template(try BodyTemplate(mustache: source, contentType: type))
        let content = format.content(of: facts ?? self.facts())
        #expect(content.headers == ["Content-Type: \(type)"])
        return String(decoding: content.body, as: UTF8.self)
    }

    @Test func everyWord_isThere() throws {
        let words =
            "creationTime eventType eventActivity eventDescription deviceUdid orgId webhookId webhookName hostId "
            + "hostLabels.site eventId sequence status previousStatus reason platform portPath hubPath"
        let source = words.split(separator: " ").map { "{{\($0)}}" }.joined(separator: " ")
        let text = try made(source)
        #expect(
            text
                == "2023-01-06T04:52:36.963Z DEVICE device.status.offline Offline ce0917 2 129 ci rack-3 hanoi "
                + "42 7 offline online unauthorized android 1-4.2 1-4")
        #expect(
            try made("{{#sessionOwners}}<{{.}}>{{/sessionOwners}}{{^sessionOwners}}none{{/sessionOwners}}") == "none")
        #expect(
            try made(
                "{{#sessionOwners}}<{{.}}>{{/sessionOwners}}{{^sessionOwners}}none{{/sessionOwners}}",
                of: facts(owners: ["ann", "bob"])) == "<ann><bob>")
        #expect(try made("{{#online}}up{{/online}}{{#offline}}down{{/offline}}{{#test}}test{{/test}}") == "down")
    }

    @Test func values_areEscaped_forJSON_unlessTheTemplateSaysOtherwise() throws {
        #expect(try made("{{deviceName}}") == #"Galaxy \"8\""#)
        #expect(try made("{{deviceName}}", of: facts(name: "a\nb\\</script>\u{1}")) == #"a\nb\\</script>\u0001"#)
        #expect(try made("{{{deviceName}}}") == "Galaxy \"8\"")
        #expect(try made("{{% CONTENT_TYPE:TEXT}}{{deviceName}}") == "Galaxy \"8\"")
        #expect(try made("{{% CONTENT_TYPE:HTML}}{{deviceName}}", "text/html") == "Galaxy &quot;8&quot;")
    }

    @Test(arguments: [
        ("a\n  {{#offline}}x", 2, "never closed"), ("{{deviceName", 1, "no end"), ("{{#a}}{{/b}}", 1, "another name"),
        ("{{/offline}}", 1, "another name"), ("x\ny\n{{% CONTENT_TYPE:XML}}", 3, "none of"),
        ("{{=a}}", 1, "delimiters"),
        ("line\n {{> other}}", 2, "another file"), ("{{%x}}", 1, "none of"),
        ("a\nb {{deviceNam}}", 2, "no word \"deviceNam\""), ("{{#sessionOwner}}{{/sessionOwner}}", 1, "no word"),
    ])
    func fault_isTold_withItsLine(source: String, line: Int, words: String) throws {
        let fault = #expect(throws: TemplateFault.self) {
            try BodyTemplate(mustache: source, contentType: "text/plain")
        }
        #expect(fault?.line == line)
        #expect(fault?.problem.contains(words) == true, "\(String(describing: fault))")
    }

    @Test func columns_areThoseOfTheFile() throws {
        for (source, column) in [("ab {{deviceNam}}", 6), ("x\nab {{> p}}", 4)] {
            let fault = #expect(throws: TemplateFault.self) {
                try BodyTemplate(mustache: source, contentType: "text/plain")
            }
            #expect(fault?.column == column)
            #expect(fault?.advice == (source.hasPrefix("ab") ? "did you mean {{deviceName}}?" : "mend the template"))
        }
        let fault = #expect(throws: TemplateFault.self) {
            try BodyTemplate(mustache: "abc {{#offline}}{{/online}}", contentType: "text/plain")
        }
        #expect((17...28).contains(fault?.column ?? 0), "\(String(describing: fault))")
    }

    @Test(arguments: [
        #"{"a": {{deviceName}}}"#, #"{"a": "{{{deviceName}}}"}"#,
        #"{"a": "{{#online}}x"{{/online}}{{^online}}"{{/online}}"#, "",
        #"{{% CONTENT_TYPE:TEXT}}{"a": "{{deviceName}}"}"#, #"{"a": {{sequence}} }"#,
    ])
    func template_mustMakeJSON_whereItSaysSo(source: String) {
        let fault = #expect(throws: TemplateFault.self) { try BodyTemplate(mustache: source, contentType: Self.json) }
        #expect(fault?.problem.contains("is no JSON") == true, "\(String(describing: fault))")
    }

    @Test func templates_areTheSame_whenTheyMakeTheSame() throws {
        let one = try BodyTemplate(mustache: "a", contentType: "text/plain")
        #expect(try BodyTemplate(mustache: "a", contentType: "text/plain") == one)
        #expect(try BodyTemplate(mustache: "b", contentType: "text/plain") != one)
        #expect(try BodyTemplate(mustache: "a", contentType: "text/html") != one)
    }

    /// As deep as a file may be, it would be the agent's end.
    @Test(arguments: ["test", "$a"]) func deepTemplate_isRefused(name: String) throws {
        func nested(_ depth: Int) -> String {
            let sigil = name.hasPrefix("$") ? "" : "^"
            let close = name.drop { $0 == "$" }
            return String(repeating: "{{\(sigil)\(name)}}", count: depth) + "x"
                + String(repeating: "{{/\(close)}}", count: depth)
        }
        #expect(try made(nested(32)) == "x")
        let fault = #expect(throws: TemplateFault.self) {
            try BodyTemplate(mustache: nested(33), contentType: "text/plain")
        }
        #expect(fault?.problem == "a section stands in more than 32 others")
    }

    // MARK: - Those that come with plughook

    private static let shipped = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../packaging/templates").standardizedFileURL

    @Test func shippedTemplates_areGood() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.shipped.path).sorted()
        #expect(names == ["discord.mustache", "slack.mustache", "teams.mustache"])
        for name in names {
            let source = try String(contentsOf: Self.shipped.appending(path: name), encoding: .utf8)
            let text = try made(source, Self.json, of: facts(name: "<!channel> @everyone", owners: ["ann"]))
            #expect(
                text.contains("<!channel> @everyone: Offline")
                    && text.contains("ce0917 on rack-3, port 1-4.2, used by ann"))
            // What chats would obey goes into fields in which they obey nothing.
            #expect(!text.contains("mrkdwn") && !text.contains("\"TextBlock\"") && !text.contains("\"content\": \""))
        }
    }

    // MARK: - In the configuration

    private func configuration(_ members: String, _ files: [String: String]) throws -> Result<
        Configuration, InvalidConfiguration
    > {
        let directory = try TemporaryDirectory()
        for (name, text) in files {
            try Data(text.utf8).write(to: URL(filePath: "\(directory.path)/\(name)"))
        }
        let json = #"{"webhooks": [{"name": "a", "url": "http://h/", "events": ["online"], \#(members)}]}"#
        let path = "\(directory.path)/config.json"
        try Data(json.utf8).write(to: URL(filePath: path))
        return try ConfigurationFile.read(path: path).configuration
    }

    @Test(arguments: [
        ("kobiton", BodyFormat.kobiton), ("kobiton-extended", .kobitonExtended),
        ("cloudevents", .cloudEvents(.structured)),
        ("cloudevents-binary", .cloudEvents(.binary)),
    ])
    func format_isRead(word: String, format: BodyFormat) throws {
        let configuration = try self.configuration(#""format": "\#(word)""#, [:]).get()
        #expect(configuration.webhooks[0].webhook(id: WebhookID(1)).format == format)
    }

    @Test func template_isReadBesideTheFile() throws {
        let members = #""format": "template", "template": {"file": "x.mustache", "contentType": "text/plain"}"#
        let configuration = try self.configuration(members, ["x.mustache": "{{deviceUdid}}"]).get()
        let expected = try BodyTemplate(mustache: "{{deviceUdid}}", contentType: "text/plain")
        #expect(configuration.webhooks[0].webhook(id: WebhookID(1)).format == .template(expected))
    }

    @Test(arguments: [
        (#""format": "template""#, "/webhooks/0/format", "does not say which template"),
        (#""format": "template", "template": {}"#, "/webhooks/0/template", "does not say which template"),
        (#""template": {"file": "x.mustache"}"#, "/webhooks/0/template", "is of no meaning for the format \"kobiton\""),
        (
            #""format": "template", "template": {"file": "secret"}"#, "/webhooks/0/template/file",
            "has only 6 characters"
        ),
        (#""format": "template", "template": {"file": "/etc/shadow"}"#, "/webhooks/0/template/file", "is no template"),
        (
            #""format": "template", "template": {"file": "none.mustache"}"#, "/webhooks/0/template",
            "there is no such file"
        ),
        (#""format": "template", "template": {"file": "bad.mustache"}"#, "/webhooks/0/template", "bad.mustache:2:"),
        (
            #""format": "template", "template": {"file": "x.mustache", "contentType": "a\r\nb"}"#,
            "/webhooks/0/template/contentType", "control character"
        ),
        (
            #""format": "template", "template": {"file": "x.mustache", "contentType": "text"}"#,
            "/webhooks/0/template/contentType", "is no media type"
        ),
        (#""format": "kobitn""#, "/webhooks/0/format", "is not known here"),
    ])
    func fault_isTold_whereItIs(members: String, pointer: String, problem: String) throws {
        let files = ["x.mustache": "{}", "bad.mustache": "{\n{{#offline}}"]
        guard case .failure(let error) = try configuration(members, files) else {
            Issue.record("it was taken: \(members)")
            return
        }
        #expect(error.faults.map(\.pointer) == [pointer])
        #expect(error.faults[0].problem.contains(problem), "\(error.faults[0])")
    }
}
