Console.WriteLine("streaming");
