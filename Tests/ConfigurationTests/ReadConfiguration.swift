import PlughookConfiguration

/// The faults of a document; empty when it is accepted.
func faults(of json: String) -> [Fault] { faults(of: Array(json.utf8)) }

func faults(of json: [UInt8]) -> [Fault] {
    do {
        _ = try Configuration(json: json)
        return []
    } catch {
        return error.faults
    }
}

/// A document with one webhook that has these members beside the required ones.
func webhook(_ members: String = "") -> String {
    #"{"webhooks": [{"name": "a", "url": "https://h.example/", "events": ["online"]"#
        + (members.isEmpty ? "" : ", " + members) + "}]}"
}
