// Command directory is the directory service as a process of its own, and what an operator does to its data: applying a city's folder, and first
// passwords. Unlike with one process for everything, commands may run beside processes that serve.
package main

import (
	"os"

	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/kit/process"
	"github.com/throughtrain/throughtrain/services/kit/process/datasource"
)

const name = directory.Name

func main() {
	os.Exit(process.Main(name, "市长直通车 Through-Train: the directory: sign-in, persons, enterprises, staff, and the configuration of each city.", &commands{}))
}

type commands struct {
	Serve serveCommand `cmd:"" default:"withargs" help:"Serve (the default)."`
	City  struct {
		Check cityCheck `cmd:"" help:"Check a city's folder; says everything that is wrong, with file and line."`
		Apply cityApply `cmd:"" help:"Apply a city's folder. The other services learn of it by themselves."`
	} `cmd:"" help:"A city as a folder of files."`
	Staff struct {
		Password  staffPassword  `cmd:"" help:"Give an official a first password, good for one sign-in, and print it once."`
		Bootstrap staffBootstrap `cmd:"" help:"Give each administrator of a city who has no password of their own a first one. They are written into the log."`
	} `cmd:"" help:"Officials. Who they are is in the city's staff file."`
}

// data is where the directory keeps what it knows.
type data struct {
	datasource.Source `embed:""`
	Keys              string `required:"" type:"path" placeholder:"DIR" help:"Folder of the keys that sign access tokens and of the secret behind every keyed hash, one and the same for all replicas. Made at the first start."`
}
