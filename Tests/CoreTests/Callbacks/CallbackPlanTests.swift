import Core
import TestSupport
import Testing

/// Which callbacks a status event makes.
struct CallbackPlanTests {
    private func event(
        _ status: Status, number: Int64 = 1, device: String = "A", group: DeviceGroup = .local, isSilent: Bool = false
    ) -> StatusEvent {
        StatusEvent(
            number: EventNumber(number), device: UDID(device), name: device, group: group, previous: nil,
            status: status, reason: nil, isSilent: isSilent, platform: nil, port: nil)
    }

    private func webhook(_ id: Int64, _ events: Set<Status> = Set(Status.allCases), isEnabled: Bool = true) -> Webhook {
        Webhook(id: WebhookID(id), name: "w\(id)", url: "http://127.0.0.1", events: events, isEnabled: isEnabled)
    }

    private func callbacks(_ plan: inout CallbackPlan, _ event: StatusEvent) -> [Callback] {
        var random = SeededGenerator(seed: 1)
        return plan.callbacks(for: event, of: nil, at: WallTime(milliseconds: 7), using: &random)
    }

    @Test(arguments: Status.allCases) func webhook_getsWhatItAskedFor(_ status: Status) {
        for events in [Set(Status.allCases), [status], Set(Status.allCases).subtracting([status]), []] {
            var plan = CallbackPlan(
                organisation: 0, host: HostIdentity(id: "h"), webhooks: [webhook(1, events)], nextSequences: [:])
            #expect(callbacks(&plan, event(status)).count == (events.contains(status) ? 1 : 0))
        }
    }

    @Test func nothing_isMade_whenSilentPublicOrDisabled() {
        var plan = CallbackPlan(
            organisation: 0, host: HostIdentity(id: "h"), webhooks: [webhook(1), webhook(2, isEnabled: false)],
            nextSequences: [:])
        #expect(callbacks(&plan, event(.online, isSilent: true)).isEmpty)
        #expect(callbacks(&plan, event(.online, group: .public)).isEmpty)
        #expect(callbacks(&plan, event(.online, group: .private)).map(\.lane.webhook) == [WebhookID(1)])
        #expect(callbacks(&plan, event(.online)).map(\.sequence) == [2])
    }

    @Test func sequences_haveNoGaps_perLane() {
        var plan = CallbackPlan(
            organisation: 0, host: HostIdentity(id: "h"), webhooks: [webhook(1), webhook(2, [.offline])],
            nextSequences: [:])
        var sequences: [Lane: [Int64]] = [:]
        for number in 1...100 as ClosedRange<Int64> {
            let status = Status.allCases[Int(number) % 4]
            let happened = event(status, number: number, device: "\(number % 3)", isSilent: number % 7 == 0)
            for callback in callbacks(&plan, happened) {
                sequences[callback.lane, default: []].append(callback.sequence)
            }
        }
        #expect(sequences.count == 6)
        for numbers in sequences.values { #expect(numbers == Array(1...Int64(numbers.count))) }
    }

    @Test func sequences_goOn_fromWhereTheyWere() {
        let lane = Lane(webhook: WebhookID(1), device: UDID("A"))
        var plan = CallbackPlan(
            organisation: 0, host: HostIdentity(id: "h"), webhooks: [webhook(1)], nextSequences: [lane: 41])
        #expect(callbacks(&plan, event(.online)).map(\.sequence) == [41])
        plan.forget(UDID("B"))
        #expect(callbacks(&plan, event(.offline)).map(\.sequence) == [42])
        plan.forget(UDID("A"))
        #expect(callbacks(&plan, event(.online)).map(\.sequence) == [1])
    }

    @Test func callback_isFrozen_withItsEventTimeAndBody() throws {
        var plan = CallbackPlan(
            organisation: 2, host: HostIdentity(id: "h"), webhooks: [webhook(9)], nextSequences: [:])
        let callback = try #require(callbacks(&plan, event(.offline, number: 5)).first)
        #expect((callback.event, callback.createdAt) == (EventNumber(5), WallTime(milliseconds: 7)))
        #expect(
            String(decoding: callback.content.body, as: UTF8.self).contains(
                #""orgId":2,"webhookId":9,"webhookName":"w9"}"#))
    }

    @Test func callbacks_areInTheOrderOfTheWebhooks() {
        var plan = CallbackPlan(
            organisation: 0, host: HostIdentity(id: "h"), webhooks: [webhook(3), webhook(1), webhook(2)],
            nextSequences: [:])
        #expect(callbacks(&plan, event(.online)).map(\.lane.webhook.value) == [3, 1, 2])
    }

    // MARK: - CallbackID

    @Test func callbackID_isPrefixedBase62() {
        var random = SeededGenerator(seed: 42)
        let ids = (0..<1_000).map { _ in CallbackID(using: &random).description }
        #expect(Set(ids).count == ids.count)
        for id in ids {
            let digits = id.dropFirst(4).utf8
            #expect(id.hasPrefix("msg_") && digits.count == 27)
            #expect(digits.allSatisfy { UnicodeScalar($0).properties.isAlphabetic || (48...57).contains($0) })
        }
    }
}
