package pvesim

import (
	"strconv"
	"strings"
)

// parseSize reads a size as configuration files write it, "32G" or "528K", in bytes; 0 for none.
func parseSize(text string) int64 {
	unit := int64(1)
	if i := strings.IndexByte("KMGT", lastByte(text)); i >= 0 {
		unit <<= 10 * (i + 1)
		text = text[:len(text)-1]
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return int64(n * float64(unit))
}

// lastByte is the text's last byte, or a blank for an empty text.
func lastByte(text string) byte {
	if text == "" {
		return ' '
	}
	return text[len(text)-1]
}

// hash mixes numbers into one that looks random and is always the same.
func hash(parts ...uint64) uint64 {
	h := uint64(0x243f6a8885a308d3)
	for _, p := range parts {
		h += p + 0x9e3779b97f4a7c15
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

// hashText mixes a text into a number for hash.
func hashText(text string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(text) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

// between draws a number from [low, high) by a hash.
func between(h uint64, low, high float64) float64 {
	return low + (high-low)*float64(h>>11)/(1<<53)
}
