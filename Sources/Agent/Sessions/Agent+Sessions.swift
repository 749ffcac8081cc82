internal import ControlAPI
internal import Core
internal import Linux
internal import PlughookConfiguration
internal import Store

// Who asks for a phone, keeps it and gives it back; the tracker decides.
extension Agent {
    func startSession(
        _ id: SessionID, _ json: [UInt8], by caller: SessionCaller,
        _ answer: @escaping SessionDesk.Answer
    ) {
        do throws(InvalidConfiguration) {
            let order = try SessionOrder(json: json)
            switch request(id, order, by: caller) {
            case .success(let request):
                desk.waitForStart(of: id, answer)
                handle(.sessionRequested(request), .now())
            case .failure(let error): answer(.failure(error))
            }
        } catch {
            answer(.failure(.invalid(error.faults.map(FaultView.init))))
        }
    }

    private func request(
        _ id: SessionID, _ order: SessionOrder, by caller: SessionCaller
    ) -> Result<SessionRequest, ControlError> {
        target(of: order).flatMap { target in
            binding(of: order, id, caller).map { binding in
                let settings = configuration.sessions
                return SessionRequest(
                    id: id, target: target, owner: order.owner ?? caller.actor, startedBy: caller.actor,
                    kind: order.kind, labels: order.labels, isExclusive: order.isExclusive, binding: binding,
                    timeToLive: binding == .lease ? order.timeToLive ?? settings.timeToLive : nil,
                    longest: order.longest ?? settings.longest, isForced: order.isForced, patience: order.patience)
            }
        }
    }

    private func target(of order: SessionOrder) -> Result<SessionTarget, ControlError> {
        guard let text = order.device else { return .success(.any(order.any ?? DeviceFilter())) }
        let udid = tracker.phone(UDID(text)) == nil ? UDID(apple: text) ?? UDID(text) : UDID(text)
        if tracker.phone(udid) != nil { return .success(.device(udid)) }
        let named = tracker.phones.filter { $0.record.name == text }
        guard let first = named.first else { return .failure(unknownDevice(udid)) }
        guard named.count == 1 else {
            let udids = named.map(\.record.udid.description).joined(separator: ", ")
            return .failure(
                .conflict(problem: "\(named.count) phones have that name: \(udids).", advice: "Say which, by its UDID.")
            )
        }
        return .success(.device(first.record.udid))
    }

    private func binding(
        of order: SessionOrder, _ id: SessionID, _ caller: SessionCaller
    ) -> Result<SessionBinding, ControlError> {
        switch order.boundTo {
        case .heartbeats: return .success(.lease)
        case .connection: return .success(.connection)
        case .process:
            guard let pid = order.pid ?? caller.pid else {
                return .failure(
                    .conflict(
                        problem: "Your process cannot be seen from here.",
                        advice: "Ask over the Unix socket on the same host, or bind the session to something else."))
            }
            do throws(SystemError) {
                return .success(.process(try processes.watch(pid, for: id)))
            } catch {
                return .failure(
                    .conflict(
                        problem: "The process \(pid) cannot be watched (\(error)).",
                        advice: "Give one that runs on this host and that the agent may see."))
            }
        }
    }

    func heartbeat(_ id: SessionID, by caller: SessionCaller) -> Result<SessionView, ControlError> {
        own(id, caller).map { held in
            handle(.sessionHeartbeat(id), .now())
            return view(of: tracker.session(id) ?? held)
        }
    }

    func endSession(_ id: SessionID, by caller: SessionCaller) -> Result<SessionView, ControlError> {
        own(id, caller).flatMap { held in
            if case .observed(let watcher) = held.session.binding {
                return .failure(
                    .conflict(
                        problem: "The session is only seen, by \(watcher).", advice: "End it where it was started."))
            }
            let end: SessionEnd = held.session.startedBy == caller.actor ? .released : .revoked
            if end == .revoked {
                note(
                    caller.actor, "session.revoke", "session \(id)", before: "\(held.session.owner) on \(held.udid)",
                    after: "")
            }
            handle(.sessionEnded(id, end), .now())
            return .success(view(of: held, ended: end))
        }
    }

    func holdSession(_ id: SessionID, by caller: SessionCaller) -> Result<SessionView, ControlError> {
        own(id, caller).flatMap { held in
            guard held.session.binding == .connection else {
                return .failure(
                    .conflict(
                        problem: "The session is not bound to a connection.",
                        advice: "One that lives by heartbeats is resumed by the next of them."))
            }
            guard held.session.idleDeadline != nil else {
                return .failure(
                    .conflict(problem: "Its connection stands.", advice: "Start another session, or close that one."))
            }
            handle(.sessionResumed(id), .now())
            return .success(view(of: tracker.session(id) ?? held))
        }
    }

    func waitForEnd(of id: SessionID, _ answer: @escaping @Sendable (SessionView?) -> Void) {
        guard tracker.session(id) != nil else { return answer(nil) }
        desk.waitForEnd(of: id, answer)
    }

    /// The live session, for who started it or may revoke those of others.
    private func own(_ id: SessionID, _ caller: SessionCaller) -> Result<HeldPhone, ControlError> {
        guard let held = tracker.session(id) else {
            return .failure(.notFound(what: "live session \(id)".printable, nearest: nil))
        }
        guard held.session.startedBy == caller.actor || caller.mayRevoke else {
            return .failure(
                .forbidden(
                    problem: "The session was started by \(held.session.startedBy).",
                    advice: "Ask them, or somebody with the permission org_setting.modify, to end it."))
        }
        return .success(held)
    }

    // MARK: - What the tracker decided

    /// One of the actions that sessions are made of.
    func take(_ action: Action, _ now: MonotonicTime) {
        tally.add(action, at: now)
        logger.log(action)
        switch action {
        case .sessionStarted(let udid, let session):
            store(session, on: udid)
            guard let answer = desk.takeStart(of: session.id), let held = tracker.session(session.id) else { return }
            answerOnceOnDisk(.success(view(of: held)), answer)
        case .sessionChanged(let udid, let session): store(session, on: udid)
        case .sessionEnded(let udid, let session, let end):
            processes.forget(session.id)
            ledger.add { $0.end(session.id, SessionEnding(reason: end, at: .now())) }
            let phone = tracker.phone(udid)?.record ?? DeviceRecord(udid: udid, name: udid.description)
            desk.ended(
                view(
                    of: HeldPhone(udid: udid, name: phone.name, platform: phone.platform, session: session), ended: end)
            )
        case .sessionRefused(let id, let refusal):
            processes.forget(id)
            desk.takeStart(of: id)?(.failure(error(for: refusal)))
        case .sessionWithdrawn(let id):
            processes.forget(id)
            desk.takeStart(of: id)?(
                .failure(.conflict(problem: "The request was withdrawn.", advice: "Ask again, if you still want it.")))
        case .lookAgain(let udid):
            sensing.lookAgain(at: udid, tracker.phone(udid)?.record.platform, now: now)
        case .sessionWaits, .record, .remember, .forget, .note: break
        }
    }

    private func store(_ session: Session, on udid: UDID) {
        ledger.add { $0.keep(StoredSession(session, on: udid, at: .now())) }
    }

    private func error(for refusal: SessionRefusal) -> ControlError {
        switch refusal {
        case .unknownDevice:
            .conflict(problem: "The phone is not known any more.", advice: "plughook devices lists those that are.")
        case .notPresent:
            .conflict(problem: "The phone is not plugged in.", advice: "Plug it in, or wait for it with waitSeconds.")
        case .notReady(let reason):
            .conflict(
                problem: "The phone is offline: \(reason.rawValue).",
                advice: "Mend that, wait with waitSeconds, or force it.")
        case .held(let ids): .conflict(problem: holders(ids), advice: "Wait with waitSeconds, or take another phone.")
        case .tooMany:
            .conflict(
                problem: "The phone has as many sessions as one can have.", advice: "End some: plughook sessions list.")
        case .noneFree(let known):
            .conflict(
                problem: known == 0
                    ? "No phone that is known is like that."
                    : "None of the \(known) phones like that is online and free.",
                advice: "Wait with waitSeconds, or ask for others.")
        case .waitedInVain:
            .conflict(problem: "No phone became free in that time.", advice: "Wait longer, or ask for others.")
        case .tooManyWaiting:
            .unavailable(problem: "Too many wait for a phone already.", advice: "Try again later.")
        case .nameTaken:
            .conflict(problem: "A session has that name already.", advice: "Ask again.")
        }
    }

    /// Who has it, and until when.
    private func holders(_ ids: [SessionID]) -> String {
        let names = ids.compactMap(tracker.session).map { held in
            let until = held.session.deadline.map { " until \(wallTime(of: $0))" } ?? ""
            return "\(held.session.owner) (\(held.session.kind.rawValue) \(held.session.id))\(until)"
        }
        return "The phone is held by \(names.joined(separator: ", "))."
    }

    // MARK: - Start

    /// Sessions of the last run whose process has gone meanwhile end; the others are watched again.
    func watchRestoredProcesses(_ now: MonotonicTime) {
        for held in tracker.sessions {
            guard case .process(let process) = held.session.binding else { continue }
            if !processes.watchAgain(process, for: held.session.id) {
                handle(.sessionEnded(held.session.id, .processExited), now)
            }
        }
    }

    func takeEndedProcesses(_ now: MonotonicTime) {
        for id in processes.ended() { handle(.sessionEnded(id, .processExited), now) }
    }
}
