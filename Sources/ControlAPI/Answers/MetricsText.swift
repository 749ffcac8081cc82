extension MetricsSnapshot {
    /// In the Prometheus text format, version 0.0.4.
    var text: String {
        var text = ""
        for family in families {
            let name = "plughook_\(family.name)"
            text += "# HELP \(name) \(escape(family.help))\n# TYPE \(name) \(family.kind.rawValue)\n"
            for sample in family.samples {
                let labels = sample.labels.map { "\($0.name)=\"\(escape($0.value, quotes: true))\"" }
                text += name + sample.suffix
                if !labels.isEmpty { text += "{\(labels.joined(separator: ","))}" }
                text += " \(number(sample.value))\n"
            }
        }
        return text
    }
}

private func escape(_ text: String, quotes: Bool = false) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": escaped += "\\\\"
        case "\n": escaped += "\\n"
        case "\"" where quotes: escaped += "\\\""
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}

private func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    // A count without ".0", as far as a double holds it exactly.
    return Int64(exactly: value).map(String.init) ?? "\(value)"
}
