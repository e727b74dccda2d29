// Package docscript reads what a page tells its reader to type, so that tests can check and run it.
//
// A block of code is opened by three backticks and a language, and may say more behind it: `sh run=NAME` is run by a test, `text output=NAME`
// is exactly what that prints, `text within=NAME` are lines that it prints among others. Renderers show nothing of it.
//
// Only tests import this package. It knows as much of the shell as such pages use: quotes, pipes, assignments, redirections and
// here-documents; what a command substitution contains is part of a word to it.
package docscript
