import Core
import Testing

@Suite struct HistogramTests {
    @Test func durations_FallIntoTheFirstBucketThatHoldsThem() {
        var histogram = Histogram(bounds: [.milliseconds(1), .milliseconds(10)])
        for milliseconds: Int64 in [0, 1, 2, 10, 11] { histogram.add(.milliseconds(milliseconds)) }
        histogram.add(.milliseconds(-5))
        #expect(histogram.counts == [3, 2])
        #expect(histogram.count == 6)
        #expect(histogram.sum == .milliseconds(24))
    }

    @Test(arguments: [Histogram.ofWork, Histogram.ofDelay]) func bounds_Ascend(_ histogram: Histogram) {
        #expect(histogram.bounds == histogram.bounds.sorted())
        #expect(Set(histogram.bounds).count == histogram.bounds.count)
    }
}
