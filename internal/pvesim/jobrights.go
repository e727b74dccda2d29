package pvesim

import "github.com/pve-backup-exporter/pve-backup-exporter/internal/pvesim/wire"

// mayWriteJob checks what the parameters of a job need besides Sys.Modify. Tokens are never root@pam itself.
func (c *Cluster) mayWriteJob(call *wire.Call) *wire.Error {
	for _, name := range []string{"tmpdir", "dumpdir", "script"} {
		if call.Has(name) {
			return wire.Invalid(name, "Only root may set this option.")
		}
	}
	if text := call.Get("fleecing"); text != "" {
		values, _ := fleecingFormat().parse("fleecing", text)
		if id := values["storage"]; id != "" && !c.may(call, "/storage/"+id, "Datastore.AllocateSpace") {
			return wire.Forbidden("/storage/" + id + ", Datastore.AllocateSpace")
		}
	}
	return nil
}

func (c *Cluster) mayUseStorage(call *wire.Call, id string) *wire.Error {
	if id == "" {
		id = "local"
	}
	if !c.may(call, "/storage/"+id, "Datastore.Allocate") {
		return wire.Forbidden("/storage/" + id + ", Datastore.Allocate")
	}
	return nil
}

func (c *Cluster) mayUsePool(call *wire.Call) *wire.Error {
	pool := call.Get("pool")
	switch {
	case pool == "":
		return nil
	case c.model.Pools[pool] == nil:
		return wire.Forbidden("pool '" + pool + "' does not exist")
	case !c.may(call, "/pool/"+pool, "VM.Backup"):
		return wire.Forbidden("/pool/" + pool + ", VM.Backup")
	}
	return nil
}

// checkTimes refuses a schedule in two forms, or in none where one is needed.
func checkTimes(call *wire.Call, needed bool) *wire.Error {
	switch {
	case call.Has("schedule") && call.Has("starttime"):
		return wire.Invalid("schedule", "'starttime' and 'schedule' cannot both be set")
	case needed && !call.Has("schedule") && !call.Has("starttime"):
		return wire.Invalid("schedule", "neither 'starttime' nor 'schedule' were set")
	}
	return nil
}

func firstError(failures ...*wire.Error) *wire.Error {
	for _, failure := range failures {
		if failure != nil {
			return failure
		}
	}
	return nil
}
