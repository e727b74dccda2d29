package docscript

import (
	"strings"
)

// Block is a block of code of a page.
type Block struct {
	Language            string
	Run, Output, Within string // the names behind the language, or empty
	Text                string // without the indentation of the block's own fence
	Line                int    // of its first line, counted from 1
}

const fence = "```"

// Blocks returns the blocks of a Markdown page, in order.
func Blocks(page string) []Block {
	var blocks []Block
	var open *Block
	indent := ""
	for number, line := range strings.Split(page, "\n") {
		content := strings.TrimLeft(line, " ")
		switch {
		case open == nil && strings.HasPrefix(content, fence):
			indent = line[:len(line)-len(content)]
			open = begin(strings.TrimPrefix(content, fence), number+2)
		case open != nil && strings.TrimSpace(line) == fence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.Text += strings.TrimPrefix(line, indent) + "\n"
		}
	}
	return blocks
}

func begin(info string, line int) *Block {
	block := &Block{Line: line}
	for i, word := range strings.Fields(info) {
		name, value, _ := strings.Cut(word, "=")
		switch {
		case i == 0:
			block.Language = word
		case name == "run":
			block.Run = value
		case name == "output":
			block.Output = value
		case name == "within":
			block.Within = value
		}
	}
	return block
}
