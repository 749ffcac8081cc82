/// The version of the program, as in `User-Agent`.
package enum Version {
    package static let current = "0.1.0"
}
