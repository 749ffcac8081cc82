/// The counters and gauges of one moment, as plain values.
package struct MetricsSnapshot: Hashable, Sendable {
    /// One family: every sample of it has the same label names.
    package struct Family: Hashable, Sendable {
        package enum Kind: String, Sendable { case counter, gauge, histogram }
        /// Without the `plughook_` that all names begin with.
        package var name: String
        package var help: String
        package var kind: Kind
        package var samples: [Sample]

        package init(_ name: String, _ help: String, _ kind: Kind, _ samples: [Sample]) {
            self.name = name
            self.help = help
            self.kind = kind
            self.samples = samples
        }
    }

    package struct Sample: Hashable, Sendable {
        /// Behind the family's name: `_bucket`, `_sum` and `_count` of a histogram.
        package var suffix: String
        /// In the order in which they are written; values are escaped by the writer.
        package var labels: [Label]
        package var value: Double

        package init(_ value: Double, _ labels: [Label] = [], suffix: String = "") {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    package struct Label: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var families: [Family]
    package init(families: [Family]) { self.families = families }
}
