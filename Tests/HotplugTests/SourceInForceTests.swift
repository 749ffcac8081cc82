import Core
import Testing

@testable import Hotplug

@Suite struct SourceInForceTests {
    private let later = MonotonicTime.start + SourceInForce.rescanInterval

    @Test func auto_TakesUdev_WhenNothingSpeaksAgainstIt() {
        var inForce = SourceInForce(.auto, obstacle: nil, at: .start)
        #expect(inForce.source == HotplugSource(.udev, .udevReachable))
        #expect(inForce.nextRescan == nil)
        #expect(inForce.udevHeard() == .none)
    }

    @Test func auto_TakesTheKernel_UntilUdevdIsHeard() {
        var inForce = SourceInForce(.auto, obstacle: .foreignNetworkNamespace, at: .start)
        #expect(inForce.source == HotplugSource(.kernel, .foreignNetworkNamespace))
        #expect(inForce.timePassed(later + .nanoseconds(-1)) == .none)
        #expect(inForce.timePassed(later) == .rescan)
        #expect(inForce.nextRescan == later + SourceInForce.rescanInterval)
        #expect(inForce.udevHeard() == .changed)
        #expect(inForce.source == HotplugSource(.udev, .udevReturned))
        #expect(inForce.nextRescan == nil)
    }

    /// The agent starts before udevd does.
    @Test func auto_LooksForUdevd_WhereItWasNotThere() {
        var inForce = SourceInForce(.auto, obstacle: .noUdevControl, at: .start)
        #expect(inForce.timePassed(later) == .rescanAndLookForUdev)
    }

    @Test func auto_LeavesUdev_WhenItFallsSilent() {
        var inForce = SourceInForce(.auto, obstacle: nil, at: .start)
        #expect(inForce.udevFellSilent(10, at: .start) == .changed)
        #expect(inForce.source == HotplugSource(.kernel, .udevSilent(sequence: 10)))
        #expect(inForce.udevFellSilent(11, at: .start) == .none)
        #expect(inForce.timePassed(later) == .rescan)
    }

    @Test func aChoice_Stays_WhateverSpeaksAgainstIt() {
        var udev = SourceInForce(.udev, obstacle: .noUdevControl, at: .start)
        #expect(udev.udevFellSilent(10, at: .start) == .doubted(.udevSilent(sequence: 10)))
        #expect(udev.source == HotplugSource(.udev, .chosen))
        var libusb = SourceInForce(.libusb, obstacle: nil, at: .start)
        #expect(libusb.timePassed(later) == .none)
        #expect(libusb.source == HotplugSource(.libusb, .chosen))
    }
}
