// Package deploy holds what is deployed to what the programs take: every image, Compose file, chart, unit and example of deploy/ is read as whoever
// runs it would read it, every setting in it is given to the program itself,
// and the programs are started with it until a ticket is filed through them. It has tests only, and is a module of its own so that what
// they need weighs on no service.
package deploy
