internal import ControlAPI
internal import Core

/// The body of a new webhook, and of a change to one; what is nil is left out.
struct WebhookBody: Encodable {
    var name: String?
    var url: String?
    var description: String?
    var events: [String]?
    var enabled: Bool?
    var timeoutMs: Int?
    var connectTimeoutMs: Int?
    var backlog: String?
    var secrets: [SecretView]?
    var devices: MemberEdit<ScopeView>?
    var auth: MemberEdit<AuthBody>?
    var headers: MemberEdit<[String: String]>?
    var tls: MemberEdit<TLSBody>?
    var addresses: MemberEdit<AddressesBody>?
    var format: String?
    var template: MemberEdit<TemplateBody>?
    var proxy: String?

    init(secrets: [SecretView]) { self.secrets = secrets }

    init(name: String?, url: String?, fields: WebhookFields) {
        self.name = name
        self.url = url
        enabled = fields.ability.map { $0 == .enabled }
        description = fields.description
        events = fields.eventWords
        timeoutMs = fields.timeoutMs
        connectTimeoutMs = fields.connectTimeoutMs
        backlog = fields.backlog?.rawValue
        secrets = fields.secrets
        devices = fields.allDevices ? .removed : fields.scope.map(MemberEdit.set)
        auth = fields.auth
        headers = fields.headers
        tls = fields.noTls ? .removed : fields.tls.map(MemberEdit.set)
        format = fields.formatWord
        template = fields.templateEdit
        proxy = fields.proxy
        addresses = fields.hostAddresses ? .removed : fields.addresses.map(MemberEdit.set)
    }

    /// Nothing is said at all.
    var isEmpty: Bool {
        name == nil && url == nil && description == nil && events == nil && enabled == nil && timeoutMs == nil
            && connectTimeoutMs == nil && backlog == nil && secrets == nil && devices == nil
            && auth == nil && headers == nil && tls == nil && addresses == nil && format == nil && template == nil
            && proxy == nil
    }
}

/// What is to become of a member.
enum MemberEdit<Value: Encodable>: Encodable {
    case set(Value)
    /// It is to have its default.
    case removed

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .set(let value): try value.encode(to: encoder)
        case .removed:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        }
    }
}

/// Both ways, so that a patch takes the other one away; of a new webhook, the one that it has.
struct AuthBody: Encodable, Hashable {
    var bearer: SecretView?
    var basic: AuthenticationView.Basic?
    var isOfNew = false

    private enum Key: String, CodingKey { case bearer, basic }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        if isOfNew {
            try members.encodeIfPresent(bearer, forKey: .bearer)
            try members.encodeIfPresent(basic, forKey: .basic)
        } else {
            try members.encode(bearer.map(SecretBody.init), forKey: .bearer)
            try members.encode(
                basic.map { BasicBody(user: $0.user, password: SecretBody($0.password)) }, forKey: .basic)
        }
    }

    private struct BasicBody: Encodable {
        let user: String
        let password: SecretBody
    }
}

/// A place of a secret that takes away the one that was there.
private struct SecretBody: Encodable {
    let secret: SecretView

    init(_ secret: SecretView) { self.secret = secret }

    private enum Key: String, CodingKey { case file, env }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(secret.file, forKey: .file)
        try members.encode(secret.env, forKey: .env)
    }
}

/// What is nil is left out.
struct TLSBody: Encodable, Hashable {
    var caFile: String?
    var certificateFile: String?
    var keyFile: String?
    var pins: [String]?
    var minVersion: String?
}

/// What is nil is left out.
struct AddressesBody: Encodable, Hashable {
    var allow: [String]?
    var deny: [String]?
    var publicOnly: Bool?
}

/// What is nil is left out.
struct TemplateBody: Encodable, Hashable {
    var file: String?
    var contentType: String?
}

extension ControlRequest {
    /// With a JSON body.
    static func json(
        _ method: Method, _ path: [String], _ body: some Encodable, as type: String = "application/json"
    ) throws -> ControlRequest {
        var request = ControlRequest(method, path)
        request.headers = [("Content-Type", type)]
        request.body = Array(try body.jsonText().utf8)
        return request
    }
}
