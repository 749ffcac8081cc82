import Core
import Testing

/// The tables of `research/hotplug.md` section 3: interface, then vendor and product, then vendor and MTP, then vendor.
struct RecognitionTests {
    private func recognize(
        _ vendorID: UInt16, _ productID: UInt16, _ interfaces: Set<USBInterface> = [], isAuthorized: Bool = true,
        include: [DetectionRules.Include] = []
    ) -> Recognition? {
        let device = USBDevice(
            position: .on("1-1", 2), port: PortPath("1-1"), vendorID: vendorID, productID: productID,
            interfaces: interfaces, isAuthorized: isAuthorized)
        return Recognition(device, rules: .with { $0.include = include })
    }

    @Test(arguments: [
        (UInt16(0x1290)...0x12af, USBMode.usable), (0x1280...0x1283, .recovery), (0x1901...0x1905, .restore),
        (0x1227...0x1227, .dfu), (0x1222...0x1222, .dfu), (0xf014...0xf014, .dfu), (0x1881...0x1881, .dfu),
        (0x1338...0x1338, .dfu),
    ])
    func apple_isRecognized_byProduct(_ products: ClosedRange<UInt16>, _ mode: USBMode) {
        for product in products {
            let seen = recognize(0x05ac, product)
            #expect(seen?.platform == .ios && seen?.mode == mode && seen?.isCertain == true, "\(product)")
        }
    }

    @Test(arguments: [UInt16(0x128f), 0x12b0, 0x1284, 0x1900, 0x1906, 0x024f, 0x8600])
    func apple_isNoPhone_whenTheProductIsAnother(_ product: UInt16) { #expect(recognize(0x05ac, product) == nil) }

    @Test func apple_isAPhone_whenItSpeaksUsbmux() {
        #expect(recognize(0x05ac, 0x1234, [.usbmux])?.mode == .usable)
        #expect(recognize(0x1234, 0x1234, [.usbmux]) == nil)
    }

    /// usbmuxd knows the chip in a Mac because it speaks usbmux.
    @Test func macCoprocessor_isNoPhone_evenWithUsbmux() { #expect(recognize(0x05ac, 0x8600, [.usbmux]) == nil) }

    @Test(arguments: [UInt16(0x18d1), 0x2717, 0x04e8, 0x1234])
    func interface_decides_onAnyVendor(_ vendor: UInt16) {
        #expect(recognize(vendor, 0x0001, [.adb])?.mode == .usable)
        #expect(recognize(vendor, 0x0001, [.fastboot])?.mode == .bootloader)
        #expect(recognize(vendor, 0x0001, [.adb])?.isCertain == true)
    }

    @Test(arguments: [
        (UInt16(0x18d1), [UInt16(0x4ee0), 0xd00d], USBMode.bootloader),
        (0x18d1, [0x4ee1, 0x4ee2, 0x4ee3, 0x4ee4, 0x4ee5, 0x4ee6, 0x4ee7, 0x4ee8, 0x4ee9], .usable),
        (0x18d1, [0x4eeb, 0x4eec, 0x4eed, 0x4eee], .usable),
        (0x18d1, [0x2d00, 0x2d01, 0x2d02, 0x2d03, 0x2d04, 0x2d05], .usable),
        (0x04e8, [0x685d, 0x685e, 0x68c3, 0x6601], .bootloader), (0x04e8, [0x6860, 0x6864, 0x6866, 0x686c], .usable),
        (0x0e8d, [0x0003, 0x2000], .emergencyDownload), (0x0e8d, [0x201c, 0x201d, 0x200a], .usable),
        (0x05c6, [0x9008, 0x900e], .emergencyDownload),
    ])
    func android_isRecognized_byVendorAndProduct(_ vendor: UInt16, _ products: [UInt16], _ mode: USBMode) {
        for product in products {
            let seen = recognize(vendor, product)
            #expect(seen?.platform == .android && seen?.mode == mode && seen?.isCertain == true, "\(product)")
        }
    }

    @Test(arguments: [
        UInt16(0x18d1), 0x0e8d, 0x2717, 0x2a70, 0x22d9, 0x2d95, 0x12d1, 0x22b8, 0x1004, 0x0fce, 0x0bb4, 0x0b05, 0x2ae5,
        0x1949, 0x17ef, 0x19d2, 0x0489, 0x1ebf, 0x2a47, 0x2e17,
    ])
    func maker_isAPhoneWithMTP_andUncertainWithout(_ vendor: UInt16) {
        for mtp in [USBInterface.stillImage, .vendorMTP] {
            let seen = recognize(vendor, 0x7777, [mtp])
            #expect(seen?.mode == .usable && seen?.isCertain == true)
        }
        let bare = recognize(vendor, 0x7777)
        #expect(bare?.mode == .noDebugInterface && bare?.isCertain == false)
    }

    @Test func samsung_makesPhones_onlyInThe6000s() {
        #expect(recognize(0x04e8, 0x6123, [.stillImage])?.mode == .usable)
        #expect(recognize(0x04e8, 0x3301, [.stillImage]) == nil)
        #expect(recognize(0x04e8, 0x7123) == nil)
    }

    @Test func camera_isNoPhone() { #expect(recognize(0x04a9, 0x3270, [.stillImage]) == nil) }

    @Test(arguments: [UInt16(0x9001), 0x9007, 0x9009]) func qualcomm_isNoPhone_byItsVendor(_ product: UInt16) {
        #expect(recognize(0x05c6, product) == nil)
    }

    // MARK: - Include and authorisation

    @Test func include_takesAVendorOrAProduct() {
        let product = DetectionRules.Include(vendorID: 0x1234, productID: 0x0001)
        let vendor = DetectionRules.Include(vendorID: 0x1234, productID: nil)
        #expect(recognize(0x1234, 0x0001, include: [product])?.mode == .usable)
        #expect(recognize(0x1234, 0x0002, include: [product]) == nil)
        #expect(recognize(0x1234, 0x0002, include: [product, vendor])?.isCertain == true)
        #expect(recognize(0x05ac, 0x0002, include: [.init(vendorID: 0x05ac, productID: nil)])?.platform == .ios)
    }

    @Test func include_keepsWhatTheTablesKnow() {
        let google = DetectionRules.Include(vendorID: 0x18d1, productID: nil)
        #expect(recognize(0x18d1, 0x4ee0, include: [google])?.mode == .bootloader)
        let bare = recognize(0x18d1, 0x7777, include: [google])
        #expect(bare?.mode == .noDebugInterface && bare?.isCertain == true)
    }

    @Test func deauthorized_isBlocked_unlessItsModeSaysMore() {
        #expect(recognize(0x18d1, 0x4ee7, [.adb], isAuthorized: false)?.mode == .blocked)
        #expect(recognize(0x18d1, 0x7777, isAuthorized: false)?.mode == .blocked)
        #expect(recognize(0x18d1, 0x4ee0, isAuthorized: false)?.mode == .bootloader)
    }
}
