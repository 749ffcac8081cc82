internal import ArgumentParser
internal import Glibc

/// `--yes`, and the question that it answers.
struct Confirmation: ParsableArguments {
    @Flag(name: .customLong("yes"), help: "Do not ask.")
    var isGiven = false

    /// Throws when the question could not be asked; before anything else is done.
    func requireSomebody(to verb: String) throws(ControlFailure) {
        guard !isGiven, isatty(STDIN_FILENO) != 1 else { return }
        throw .command(
            problem: "nobody can be asked here, for standard input is no terminal: give --yes to \(verb)",
            exitCode: EX_USAGE)
    }

    /// Asks on standard error; unless the answer is yes, says what that means and ends the program with 1.
    ///
    /// The question must be safe to print.
    func ask(_ question: String, otherwise: String) throws {
        guard !isGiven else { return }
        let prompt = Array("\(question) [y/N] ".utf8)
        _ = write(STDERR_FILENO, prompt, prompt.count)
        guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
            complain(otherwise)
            throw ExitCode.failure
        }
    }
}
