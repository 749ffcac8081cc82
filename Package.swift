// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target of the house is built with.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// Crash points for the kill tests: they exist in debug builds only.
let failpoints: [SwiftSetting] = [.define("FAILPOINTS", .when(configuration: .debug))]

let package = Package(
    name: "plughook",
    products: [.executable(name: "plughook", targets: ["plughook"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // C modules: one header each, imported by the one adapter named beside it.
        .systemLibrary(name: "CUdev", pkgConfig: "libudev", providers: [.apt(["libudev-dev"])]),  // Hotplug
        .systemLibrary(name: "CLibUSB", pkgConfig: "libusb-1.0", providers: [.apt(["libusb-1.0-0-dev"])]),  // Hotplug
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),  // Delivery
        .systemLibrary(name: "CLinux"),  // Linux

        .target(name: "Core", swiftSettings: strict),
        .target(name: "Linux", dependencies: ["CLinux", "Core"], swiftSettings: strict + failpoints),
        .target(name: "Configuration", dependencies: ["Core"], swiftSettings: strict),
        .target(
            name: "Hotplug", dependencies: ["Core", "Linux", "CUdev", "CLibUSB"], swiftSettings: strict),
        .target(
            name: "Store",
            dependencies: ["Core", "Linux", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict + failpoints),
        .target(
            name: "Delivery",
            dependencies: [
                "Core", "Linux", "CCurl", .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict + failpoints),
        .target(
            name: "Agent",
            dependencies: [
                "Core", "Linux", "Configuration", "Hotplug", "Store", "Delivery",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict + failpoints),
        .executableTarget(
            name: "plughook",
            dependencies: [
                "Agent", "Configuration", "Core",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "AgentTests",
            dependencies: ["Agent", "Core", "Store", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .testTarget(name: "LinuxTests", dependencies: ["Linux", "Core"], swiftSettings: strict),
        .testTarget(name: "CoreTests", dependencies: ["Core", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ConfigurationTests", dependencies: ["Configuration", "Core", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "HotplugTests", dependencies: ["Hotplug", "Core", "Linux", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "StoreTests",
            dependencies: ["Store", "Core", "Linux", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .testTarget(
            name: "DeliveryTests", dependencies: ["Delivery", "Core", "Linux", "TestSupport"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
