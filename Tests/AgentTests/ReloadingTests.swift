import ControlAPI
import Core
import PlughookConfiguration
import Testing

@testable import Agent

@Suite struct ReloadingTests {
    func step(_ organisation: Int64, tickets: [Int], wasAskedFor: Bool = false) -> Reloading.Step {
        var configuration = Configuration()
        configuration.orgID = organisation
        return Reloading.Step(configuration: configuration, tickets: tickets, wasAskedFor: wasAskedFor)
    }

    @Test func ofThoseThatComeMeanwhile_theLastCounts_ForAllWhoWait() {
        var reloading = Reloading()
        reloading.put(off: step(1, tickets: [1], wasAskedFor: true))
        reloading.put(off: step(2, tickets: [2, 3]))
        let next = reloading.takeNext()
        #expect(next?.configuration.orgID == 2)
        #expect(next?.tickets == [1, 2, 3])
        #expect(next?.wasAskedFor == true)
        #expect(reloading.takeNext() == nil)
    }

    @Test func whoWaits_IsTakenOnce_AndKnownByWhatHeChanges() {
        var reloading = Reloading()
        let subject = Reloading.Subject.webhook(WebhookID(1))
        let first = reloading.ticket(for: Reloading.Request(actor: "anna", subject: subject) { _ in })
        let second = reloading.ticket(for: Reloading.Request(actor: "ben", subject: nil) { _ in })
        #expect(reloading.actor(changing: subject, among: [first, second]) == "anna")
        #expect(reloading.actor(changing: subject, among: [second]) == nil)
        #expect(reloading.take([second, first]).map(\.actor) == ["ben", "anna"])
        #expect(reloading.take([first]).isEmpty)
    }

    @Test func refusal_LastsUntilTheFileIsGoodAgain() {
        var reloading = Reloading()
        #expect(!reloading.isRefused)
        reloading.ended(ReloadView(isInForce: false, at: "", faults: [], problem: "no"))
        #expect(reloading.isRefused)
        reloading.ended(ReloadView(isInForce: true, at: "", faults: [], problem: nil))
        #expect(!reloading.isRefused)
        #expect(reloading.totals == (1, 1))
    }
}
