internal import ControlAPI
internal import Core
internal import PlughookConfiguration

/// What waits while a configuration is put in force: one at a time, and of those that come meanwhile only the last.
struct Reloading {
    typealias Ticket = ConfigurationKeeper.Ticket

    /// A configuration on its way, and those who wait for it.
    struct Step {
        var configuration: Configuration
        var tickets: [Ticket]
        var wasAskedFor: Bool
    }

    /// Somebody who asked for a reading or an edit of the file.
    struct Request {
        /// Who that is, for the audit trail.
        let actor: String
        /// What the edit is about; nil for a reading, which changes whatever the file says.
        let subject: Subject?
        let done: (Outcome) -> Void
    }

    /// What an edit of the file is about.
    enum Subject: Hashable {
        case webhook(WebhookID)
        /// By its name.
        case token(String)
    }

    enum Outcome {
        /// What the file says is in force. How many callbacks were cancelled, of each webhook that is gone.
        case inForce(cancelled: [WebhookID: Int])
        /// It is not, and this is why.
        case refused(ReloadView)
        /// The file was not even written.
        case notWritten(ControlError)
    }

    /// The one whose webhooks are being numbered by the store.
    var binding: Step?
    private var next: Step?
    /// What came of the last one.
    var last: ReloadView?
    var isRefused: Bool { last.map { !$0.isInForce } ?? false }
    /// Since the start.
    private(set) var totals = (inForce: 0, refused: 0)

    private var requests: [Ticket: Request] = [:]
    private var lastTicket = 0

    mutating func ticket(for request: Request) -> Ticket {
        lastTicket += 1
        requests[lastTicket] = request
        return lastTicket
    }

    /// Whoever waits for an older one that was not begun yet waits for this one: it was read later.
    mutating func put(off step: Step) {
        var step = step
        step.tickets = (next?.tickets ?? []) + step.tickets
        step.wasAskedFor = step.wasAskedFor || next?.wasAskedFor ?? false
        next = step
    }

    mutating func takeNext() -> Step? { next.take() }

    /// Who is known to have changed a subject, among those who wait.
    func actor(changing subject: Subject, among tickets: [Ticket]) -> String? {
        tickets.compactMap { requests[$0] }.last { $0.subject == subject }?.actor
    }

    func isTokenEdited(among tickets: [Ticket]) -> Bool {
        tickets.contains { if case .token = requests[$0]?.subject { true } else { false } }
    }

    /// Takes out those who waited; they are to be told what came of it, once it is.
    mutating func take(_ tickets: [Ticket]) -> [Request] { tickets.compactMap { requests.removeValue(forKey: $0) } }

    mutating func ended(_ view: ReloadView) {
        last = view
        if view.isInForce { totals.inForce += 1 } else { totals.refused += 1 }
    }
}
