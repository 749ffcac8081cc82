import Core

extension Kind where Value == DeviceScope {
    /// Which phones a webhook is told of.
    static var scope: Kind {
        .object(
            DeviceScope(),
            [
                Field(
                    "udids", \.udids,
                    Kind<[String]>.list(
                        of: .printableText(1...128), count: 1...1000,
                        distinct: [Distinct(member: nil, noun: "UDID") { Array($0.utf8) }]
                    ).orNone, "These phones; Apple's identifiers with the dash or without."),
                Field(
                    "names", \.names, Kind<[Glob]>.globs.orNone,
                    "Phones of these names; * stands for any characters, ? for one."),
                Field(
                    "platforms", \.platforms,
                    Kind<[Platform]>.list(
                        of: .choice(), count: 1...Platform.allCases.count,
                        distinct: [Distinct(member: nil, noun: "platform") { Array($0.rawValue.utf8) }]
                    ).orNone, "Phones of these."),
                Field(
                    "labels", \.labels, Kind<[String: String]>.labels.orNone,
                    "Phones that the configuration gives one of these labels."),
                Field(
                    "ports", \.ports, Kind<[Glob]>.globs.orNone,
                    "Phones that hang there: the kernel's name of a port (1-4.2, 1-4.*) or its ID_PATH."),
            ])
    }
}

extension Kind where Value == [Glob] {
    fileprivate static var globs: Kind {
        .list(
            of: .glob, count: 1...1000,
            distinct: [Distinct(member: nil, noun: "pattern") { Array($0.description.utf8) }])
    }
}

extension Kind where Value == Glob {
    /// `*` stands for any characters, `?` for one.
    static var glob: Kind {
        Kind<String>.printableText(1...128).converted(back: { $0.description }, by: { Glob($0) })
    }
}
