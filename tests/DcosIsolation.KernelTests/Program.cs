using DcosIsolation.KernelTests.Xtables;

// The test runner loads the assembly and never comes here: this is the process that RuleProcess starts.
return args is ["compile-rules"] ? RuleServer.Run() : 2;
