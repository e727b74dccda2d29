package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pve-backup-exporter/pve-backup-exporter/config"
)

// FuzzLoad looks for content that stops the program, for problems without a hint, and for files that are not what they print as.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(sketch))
	for _, pattern := range []string{"testdata/bad/*.yml", "../examples/*.yml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := config.LoadBytes("config.yml", data)
		if err != nil {
			checkProblems(t, err)
			return
		}
		printed, err := file.Redacted()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := config.LoadBytes("config.yml", printed); err != nil {
			t.Errorf("what was printed does not load:\n%s\n%v", printed, err)
		}
	})
}
