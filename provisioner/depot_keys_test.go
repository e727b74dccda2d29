package provisioner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const ownKey = ", credentials: {access_key_file: lab.access, secret_key_file: lab.secret}"

const policyOfTheLab = "pve-backup-exporter-tfstate-lab"

// keyed is a store with one environment, whose access key has been made.
func keyed(t *testing.T) *warehouse {
	t.Helper()
	w := onMinIO(t)
	w.declareStore("minio", oneStateWith(ownKey))
	w.mustRun(nil)
	w.settledToo()
	return w
}

// works wants the key in the files to open its bucket, and no more.
func (w *warehouse) works() {
	w.t.Helper()
	if _, err := w.client("lab.access", "lab.secret").Bucket(w.t.Context(), "tfstate-lab"); err != nil {
		w.t.Errorf("the key in the files: %v", err)
	}
}

func (w *warehouse) forget(names ...string) {
	w.t.Helper()
	for _, name := range names {
		if err := os.Remove(filepath.Join(w.folder, name)); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestWhatSomebodyDidToAnAccessKeyIsUndone(t *testing.T) {
	w := keyed(t)
	admin := w.admin()
	for _, c := range []struct {
		name string
		do   func() error
		says string
	}{
		{"more rights", func() error {
			return admin.SetPolicy(t.Context(), policyOfTheLab, []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::*"]}]}`))
		}, `rights = "s3:* on *" -> "s3:DeleteObject on tfstate-lab/*.tflock; `},
		{"another policy", func() error { return admin.AttachPolicy(t.Context(), w.read("lab.access"), "readwrite") }, `policies = "readwrite" -> "` + policyOfTheLab + `"`},
		{"another secret", func() error { return admin.SetUser(t.Context(), w.read("lab.access"), "another-secret-of-it") }, "~ secret = (sensitive)"},
	} {
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		w.mustRun(nil)
		w.says(c.says, "~ access key lab (lab on depot)")
		w.works()
		w.settledToo()
	}
	// A new secret in the file is the truth, too.
	w.put("lab.secret", "a-secret-of-my-own-making\n")
	w.mustRun(nil)
	w.says("~ secret = (sensitive)")
	w.works()
	w.settledToo()
}

func TestAnAccessKeyWhoseFilesWereLost(t *testing.T) {
	w := keyed(t)
	name, secret := w.read("lab.access"), w.read("lab.secret")
	if name != "terraform-lab" || len(secret) < 30 {
		t.Errorf("the key %q has a secret of %d characters", name, len(secret))
	}
	w.forget("lab.access", "lab.secret")
	w.seen()
	w.fails(nil, "the server has the access key of environment lab already, and its secret is not in lab.secret", "remove the user terraform-lab on the server")
	w.wroteNothing()
	w.put("lab.access", name+"\n")
	w.fails(nil, "remove the user that lab.access names on the server")
	w.forget("lab.access")
	w.put("lab.secret", secret+"\n")
	w.fails(nil, "there is a secret in lab.secret, and no name in lab.access", "move the secret away")
	w.put("lab.access", name+"\n")
	w.settledToo()
	// Somebody else's key: a name without a secret asks for a key of that name.
	w.forget("lab.secret")
	w.put("lab.access", "terraform-of-the-lab\n")
	w.mustRun(nil)
	w.says("+ access key lab", `+ secret_key_file = "lab.secret"`)
	if strings.Contains(w.printed, "access_key_file") || w.read("lab.access") != "terraform-of-the-lab" {
		t.Errorf("the name was written anew:\n%s", w.printed)
	}
	w.works()
	w.settledToo()
}

func TestAKeyThatIsOnlyInFilesIsMadeOnTheServer(t *testing.T) {
	w := onMinIO(t)
	w.put("lab.access", "my-own-name\n")
	w.put("lab.secret", "my-own-secret-of-it\n")
	w.declareStore("minio", oneStateWith(ownKey))
	w.mustRun(nil)
	w.works()
	if w.read("lab.secret") != "my-own-secret-of-it" {
		t.Error("the file was overwritten")
	}
	w.settledToo()
}

func TestAUserOfSomebodyElseIsNotTakenOverUnasked(t *testing.T) {
	w := onMinIO(t)
	w.put("lab.access", "consultant\n")
	w.put("lab.secret", "secret-of-the-consultant\n")
	admin := w.admin()
	if err := admin.SetUser(t.Context(), "consultant", "secret-of-the-consultant"); err != nil {
		t.Fatal(err)
	}
	if err := admin.AttachPolicy(t.Context(), "consultant", "readonly"); err != nil {
		t.Fatal(err)
	}
	w.declareStore("minio", oneStateWith(ownKey))
	w.fails(nil, "access key lab exists, was not made by this tool, and is not as declared: policies and rights", "adopt: true")
	w.wroteNothing()
	w.declareStore("minio", oneStateWith(ownKey+", adopt: true"))
	w.mustRun(nil)
	w.works()
	w.settledToo()
}

func TestProvisioningDoesNotLimitItself(t *testing.T) {
	w := onMinIO(t)
	admin := w.admin()
	if err := admin.SetUser(t.Context(), "provisioner", "secret-of-provisioning"); err != nil {
		t.Fatal(err)
	}
	if err := admin.AttachPolicy(t.Context(), "provisioner", "consoleAdmin"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"minio.admin", "lab.access"} {
		w.put(name, "provisioner\n")
	}
	for _, name := range []string{"minio.admin.secret", "lab.secret"} {
		w.put(name, "secret-of-provisioning\n")
	}
	w.declareStore("minio", oneStateWith(ownKey+", adopt: true"))
	w.fails(nil, "the files name the access key that provisioning itself uses", "name other files")
	if user, _, err := admin.User(t.Context(), "provisioner"); err != nil || strings.Join(user.Policies, ",") != "consoleAdmin" {
		t.Errorf("%+v, %v", user, err)
	}
}

func TestFilesForAKeyNeedAFolder(t *testing.T) {
	w := onMinIO(t)
	w.declareStore("minio", oneStateWith(", credentials: {access_key_file: keys/lab.access, secret_key_file: keys/lab.secret}"))
	w.fails(nil, "there is no folder", "mkdir -p")
	w.wroteNothing()
}

// Servers of kind s3 have no common way to make access keys: the steps are told, and what comes of them is looked at.
func TestAccessKeysByHand(t *testing.T) {
	w := onMinIO(t)
	w.declareStore("s3", oneStateWith(ownKey))
	w.mustRun(nil)
	w.says("has to be made by hand", "2012-10-17", `"arn:aws:s3:::tfstate-lab/*.tflock"`, "umask 077; cat > '"+filepath.Join(w.folder, "lab.access")+"'")
	if strings.Contains(w.printed, "access key lab (") {
		t.Errorf("it is told as a change:\n%s", w.printed)
	}
	w.settledToo()
	w.put("lab.access", "by-hand\n")
	w.put("lab.secret", "secret-made-by-hand\n")
	w.mustRun(nil)
	w.says("the server does not accept the access key of environment lab")
	admin := w.admin()
	if err := admin.SetUser(t.Context(), "by-hand", "secret-made-by-hand"); err != nil {
		t.Fatal(err)
	}
	w.mustRun(nil)
	w.says("the access key of environment lab may not list bucket tfstate-lab")
	if err := admin.AttachPolicy(t.Context(), "by-hand", "consoleAdmin"); err != nil {
		t.Fatal(err)
	}
	w.mustRun(nil)
	w.says("may do more than it needs")
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::tfstate-lab"]}]}`
	if err := admin.SetPolicy(t.Context(), "by-hand", []byte(policy)); err != nil {
		t.Fatal(err)
	}
	if err := admin.AttachPolicy(t.Context(), "by-hand", "by-hand"); err != nil {
		t.Fatal(err)
	}
	w.settledToo()
	if strings.Contains(w.printed, "Warnings") {
		t.Errorf("there is nothing to warn of:\n%s", w.printed)
	}
}
