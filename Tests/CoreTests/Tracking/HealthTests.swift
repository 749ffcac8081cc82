import Core
import Testing

/// How long a verdict must stand before it counts, on a host whose adb tells the health of its phones.
struct HealthTests {
    private let phone = USBDevice.android("A")

    private func attached(_ verdict: Verdict? = .ready) -> Scenario {
        var lab = Scenario.running(sensed: [.android])
        lab.attach(phone)
        if let verdict { lab.hear(verdict, of: "A") }
        _ = lab.told()
        return lab
    }

    @Test func ready_countsAtOnce_whenItIsTheFirstVerdict() {
        var lab = attached(nil)
        lab.wait(.seconds(29))
        lab.hear(.ready, of: "A")
        #expect(lab.told() == ["A online"])
    }

    @Test func ready_counts_whenItCameBeforeTheDevice() {
        var lab = Scenario.running(sensed: [.android])
        lab.hear(.ready, of: "A")
        lab.attach(phone)
        #expect(lab.told() == ["A online"])
    }

    /// adb saw the phone again before a slow udevd told of it, and has nothing new to say since.
    @Test func ready_counts_whenItCameWhileThePhoneWasOnItsWayOut() {
        var lab = attached()
        lab.detach(phone)
        lab.hear(.unknown, of: "A")
        lab.wait(.seconds(1))
        lab.hear(.ready, of: "A")
        lab.wait(.seconds(1))
        lab.attach(phone.again(number: 3))
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A unplugged", "A online"])
    }

    @Test func verdict_isNotAsked_whenThePlatformHasNoSensor() {
        var lab = Scenario.running(sensed: [.android])
        lab.attach(.iphone("00008020001A2D3E4F50601E"))
        #expect(lab.told() == ["00008020-001A2D3E4F50601E online"])
    }

    @Test func notReady_isOffline_whenHeld() {
        var lab = attached()
        lab.hear(.notReady(.noDebugInterface), of: "A")
        lab.wait(.milliseconds(4_999))
        #expect(lab.told() == [])
        lab.wait(.milliseconds(1))
        #expect(lab.told() == ["A offline (noDebugInterface)"])
    }

    /// adb reports `offline` just before a removal.
    @Test(arguments: [Duration.zero, .seconds(1), .seconds(4), .milliseconds(4_999)])
    func notReady_isOnlyUnplugged_whenTheCableWasPulled(_ delay: Duration) {
        var lab = attached()
        lab.hear(.notReady(.noDebugInterface), of: "A")
        lab.wait(delay)
        lab.detach(phone)
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A unplugged"])
    }

    @Test func notReady_isHeldAnew_whenThePhoneEnumeratedAgain() {
        var lab = attached()
        lab.hear(.notReady(.noDebugInterface), of: "A")
        lab.wait(.seconds(4))
        lab.attach(phone.again(number: 3))
        lab.wait(.seconds(4))
        #expect(lab.told() == [])
        lab.wait(.seconds(1))
        #expect(lab.told() == ["A offline (noDebugInterface)"])
    }

    @Test func notReady_isNothing_whenReadyReturnsWithinTheHold() {
        var lab = attached()
        for _ in 0..<20 {
            lab.hear(.notReady(.noDebugInterface), of: "A")
            lab.wait(.seconds(4))
            lab.hear(.ready, of: "A")
            lab.wait(.seconds(1))
        }
        #expect(lab.told() == [])
        lab.hear(.notReady(.noDebugInterface), of: "A")
        lab.wait(.seconds(60))
        #expect(lab.told() == ["A offline (noDebugInterface)"])
    }

    @Test func notReady_holdsOnce_whenItsReasonChangesMeanwhile() {
        var lab = attached()
        lab.hear(.notReady(.noDebugInterface), of: "A")
        lab.wait(.seconds(3))
        lab.hear(.notReady(.recovery), of: "A")
        lab.wait(.seconds(2))
        #expect(lab.told() == ["A offline (recovery)"])
    }

    @Test func ready_isHeld_whenThePhoneWasOffline() {
        var lab = attached(.notReady(.recovery))
        lab.wait(.seconds(5))
        lab.hear(.ready, of: "A")
        lab.wait(.milliseconds(999))
        #expect(lab.told() == ["A offline (recovery)"])
        lab.wait(.milliseconds(1))
        #expect(lab.told() == ["A online"])
    }

    @Test func unknown_takesNothingBack() {
        var lab = attached()
        lab.hear(.unknown, of: "A")
        lab.wait(.seconds(600))
        #expect(lab.told() == [])
    }

    @Test func activation_isOffline_whenNoVerdictCame() {
        var lab = attached(nil)
        lab.wait(.milliseconds(29_999))
        #expect(lab.told() == [])
        lab.wait(.milliseconds(1))
        #expect(lab.told() == ["A offline (activationTimeout)"])
        lab.hear(.ready, of: "A")
        lab.wait(.seconds(1))
        #expect(lab.told() == ["A online"])
    }

    @Test func holds_areSkipped_whenTheyAreZero() {
        var lab = Scenario.running(
            rules: .with { ($0.offlineHold, $0.onlineHold, $0.activation) = (.zero, .zero, .zero) }, sensed: [.android])
        lab.attach(phone)
        lab.hear(.ready, of: "A")
        lab.hear(.notReady(.recovery), of: "A")
        #expect(lab.told() == ["A offline (activationTimeout)", "A online", "A offline (recovery)"])
    }
}
