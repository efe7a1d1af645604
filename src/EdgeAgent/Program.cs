using EdgeAgent.Cli;

return await Commands.InvokeAsync(args);
