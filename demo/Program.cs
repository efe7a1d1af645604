using EdgeAgent.Demo;

return await DemoCommand.InvokeAsync(args);
