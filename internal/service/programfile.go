package service

// ProgramFile is the file that an interpreter runs, as its command line writes it: from
// the working directory where it does not begin at the root. interpreted is false where
// the command line is of no interpreter, or of one that runs no file; file is empty where
// it runs something of which the command line does not say the file, such as a module.
func ProgramFile(cmdline []string) (file string, interpreted bool) {
	p := programOf(cmdline)
	return p.path, p.label != ""
}
